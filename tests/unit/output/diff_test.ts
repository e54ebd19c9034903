import assert from "node:assert/strict";
import { formatDrift } from "../../../src/output/diff.ts";

const lines = (count: number, more = "") =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}${more}\n`).join("");

Deno.test("a missing file and a leftover file are reported without lines", () => {
  assert.equal(formatDrift({ path: "a", before: undefined, after: "x" }), "a: is missing");
  assert.equal(
    formatDrift({ path: "a", before: "x", after: undefined }),
    "a: is left over; nothing generates it any more",
  );
});

Deno.test("an edited line is shown with its neighbours: - is on the disk, + is what gen would write", () => {
  const after = lines(30);
  const before = after.replace("line 15\n", "edited\n");
  assert.equal(
    formatDrift({ path: "a/b.yaml", before, after }),
    ["a/b.yaml: differs", "  @@ line 14 @@", "   line 14", "  -edited", "  +line 15", "   line 16"].join("\n"),
  );
});

Deno.test("distant edits each have their line number", () => {
  const after = lines(30);
  const before = after.replace("line 5\n", "").replace("line 25\n", "");
  assert.deepEqual(formatDrift({ path: "a", before, after }).match(/@@ line \d+/g), ["@@ line 4", "@@ line 24"]);
});

Deno.test("a long difference is cut, and the remaining lines are counted", () => {
  const shown = formatDrift({ path: "a", before: lines(50, " before"), after: lines(50) }).split("\n");
  assert.equal(shown.length, 22);
  // One head, 50 removed lines and 50 added lines.
  assert.equal(shown.at(-1), `  ... and ${1 + 100 - 20} more lines`);
});
