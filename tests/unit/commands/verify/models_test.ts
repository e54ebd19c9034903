import assert from "node:assert/strict";
import { budgetFinding, keyFinding } from "../../../../src/commands/verify/models.ts";

const THURSDAY = new Date("2026-11-26T12:00:00Z");
const record = (start: string, spent: number) => JSON.stringify({ period_start: start, spent_usd: spent });

Deno.test("the budget's row reports the amounts spent and left, and fails once the budget is used up", () => {
  const month = { usd: 100, per: "month" } as const;
  const cases = [
    [
      month,
      record("2026-11-01", 12.345),
      "pass",
      "12.35 of 100.00 USD spent since 2026-11-01 (per month, UTC), 87.66 USD left",
    ],
    [month, "{}", "pass", "0.00 of 100.00 USD spent since 2026-11-01 (per month, UTC), 100.00 USD left"],
    [
      month,
      record("2026-10-01", 250),
      "pass",
      "0.00 of 100.00 USD spent since 2026-11-01 (per month, UTC), 100.00 USD left",
    ],
    [
      month,
      record("2026-11-01", 100),
      "fail",
      "used up: 100.00 of 100.00 USD spent since 2026-11-01 (per month, UTC); " +
      "the assistant does not answer until the next month, or until models.budget is raised",
    ],
    [
      { usd: 5, per: "week" },
      record("2026-11-16", 9),
      "pass",
      "0.00 of 5.00 USD spent since 2026-11-23 (per week, UTC), 5.00 USD left",
    ],
    [
      { usd: 5, per: "day" },
      record("2026-11-26", 1),
      "pass",
      "1.00 of 5.00 USD spent since 2026-11-26 (per day, UTC), 4.00 USD left",
    ],
    [month, "not JSON", "fail", "the spend record cannot be read; see docs/troubleshooting.md"],
    [
      month,
      record("2026-11-01", -1),
      "fail",
      "the spend record cannot be read; see docs/troubleshooting.md",
    ],
    [month, '{"spent_usd":1}', "fail", "the spend record cannot be read; see docs/troubleshooting.md"],
  ] as const;
  for (const [budget, text, status, reason] of cases) {
    assert.deepEqual(budgetFinding(budget, text, THURSDAY), { status, reason }, text);
  }
});

Deno.test("a missing key fails in production and is skipped in a trial", () => {
  assert.equal(keyFinding("yes", "prod").status, "pass");
  assert.deepEqual(keyFinding("404", "prod"), {
    status: "fail",
    reason:
      "the key proxy has no Anthropic key: it is missing, still the placeholder, or does not begin with sk-ant-; deno task ssm --run ANTHROPIC_API_KEY",
  });
  assert.equal(keyFinding("404", "kind").status, "skip");
  assert.deepEqual(keyFinding("", "kind"), { status: "fail", reason: "the key proxy answered nothing" });
});
