import assert from "node:assert/strict";

interface Decision {
  readonly heading: string;
  /** The first line below the heading that is not empty. */
  readonly status: string;
}

function decisionsOf(page: string): Decision[] {
  return page.split(/^## /m).slice(1).map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    return { heading, status: lines.find((line) => line !== "") ?? "" };
  });
}

/** Returns what is wrong with a page of decisions, one message each. */
function errorsOf(page: string): string[] {
  const decisions = decisionsOf(page);
  return decisions.flatMap(({ heading, status }, index) => {
    const errors: string[] = [];
    if (!heading.startsWith(`${index + 1}. `)) errors.push(`"${heading}": expected number ${index + 1}`);
    const [, date, successor] = status.match(/^(\d{4}-\d{2}-\d{2}) · (?:accepted|superseded by (\d+))$/) ?? [];
    if (date === undefined || Number.isNaN(Date.parse(date))) {
      errors.push(`"${heading}": expected "YYYY-MM-DD · accepted" or "YYYY-MM-DD · superseded by N", got "${status}"`);
    }
    if (successor !== undefined && !(Number(successor) > index + 1 && Number(successor) <= decisions.length)) {
      errors.push(`"${heading}": superseded by ${successor}, which is not a later decision`);
    }
    return errors;
  });
}

Deno.test("decisions are numbered without gaps, each with a date and a status", async () => {
  const page = await Deno.readTextFile("docs/decisions.md");
  assert.deepEqual(errorsOf(page), []);
  assert.ok(decisionsOf(page).length >= 53);
});

Deno.test("the check reports a gap, a missing date, an unknown status and a successor that does not exist", () => {
  const page = [
    "## 1. Good\n\n2026-11-22 · superseded by 2\n\nText.\n",
    "## 3. Gap\n\n2026-11-22 · accepted\n",
    "## 3. No date\n\naccepted\n",
    "## 4. Not a date\n\n2026-13-40 · accepted\n",
    "## 5. Unknown status\n\n2026-11-22 · proposed\n",
    "## 6. Never replaced\n\n2026-11-22 · superseded by 9\n",
  ].join("\n");
  assert.deepEqual(errorsOf(page).map((error) => error.slice(0, error.indexOf(":"))), [
    '"3. Gap"',
    '"3. No date"',
    '"4. Not a date"',
    '"5. Unknown status"',
    '"6. Never replaced"',
  ]);
});
