import assert from "node:assert/strict";
import { differences } from "../../../../src/commands/verify/backup.ts";

Deno.test("defaults and other spellings of a quantity are no difference; everything else is", () => {
  const wanted = { a: 1, list: [{ name: "x", limit: "1024Mi", cpu: "1000m" }], schedule: "1 * * * *" };
  const live = { a: 1, b: 2, list: [{ name: "x", limit: "1Gi", cpu: "1", extra: true }], schedule: "1 * * * *" };
  assert.deepEqual(differences(wanted, live, "spec"), []);
  const cases: [live: unknown, paths: string[]][] = [
    [{ ...live, a: 2 }, ["spec.a"]],
    [{ ...live, list: [] }, ["spec.list"]],
    [{ ...live, list: [...live.list, {}] }, ["spec.list"]],
    [{ ...live, list: [{ name: "y", limit: "1Gi", cpu: "2" }] }, ["spec.list[0].name", "spec.list[0].cpu"]],
    [{ ...live, schedule: "2 * * * *" }, ["spec.schedule"]],
    [undefined, ["spec"]],
  ];
  for (const [live, paths] of cases) assert.deepEqual(differences(wanted, live, "spec"), paths);
});
