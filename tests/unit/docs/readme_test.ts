import assert from "node:assert/strict";
import { filesOf } from "../../support/support.ts";

Deno.test("the README shows the table of sessions that docs/security.md has, which the judges run", async () => {
  const page = await Deno.readTextFile("docs/security.md");
  const [table = ""] = page.match(/^\| what .*\| sandbox .*\| elevated .*\n(?:\|.*\n)+/m) ?? [];
  assert.ok(table.split("\n").length > 10);
  assert.ok((await Deno.readTextFile("README.md")).includes(table));
});

Deno.test("the README's first command says how many files an empty pack.yaml has", async () => {
  const [, unchanged] =
    (await Deno.readTextFile("README.md")).match(/^0 files written, 0 removed, (\d+) unchanged$/m) ?? [];
  assert.equal(Number(unchanged), (await filesOf()).length);
});
