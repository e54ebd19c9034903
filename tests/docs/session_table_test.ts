import assert from "node:assert/strict";

Deno.test("the README shows the table of sessions that docs/security.md has, which the judges run", async () => {
  const page = await Deno.readTextFile("docs/security.md");
  const [table = ""] = page.match(/^\| what .*\| sandbox .*\| elevated .*\n(?:\|.*\n)+/m) ?? [];
  assert.ok(table.split("\n").length > 10);
  assert.ok((await Deno.readTextFile("README.md")).includes(table));
});
