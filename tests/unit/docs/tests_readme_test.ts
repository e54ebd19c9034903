import assert from "node:assert/strict";

Deno.test("tests/README.md lists every integration test and every e2e suite", async () => {
  const page = await Deno.readTextFile("tests/README.md");
  const rows = [...page.matchAll(/^\| `(\w+(?:\.ts)?)` +\|/gm)].map(([, name = ""]) => name).filter((name) =>
    !["unit", "integration", "e2e", "support"].includes(name)
  );
  const names = async (folder: string) =>
    (await Array.fromAsync(Deno.readDir(`tests/${folder}`))).map(({ name }) => name).filter((name) =>
      name.endsWith("_test.ts")
    ).toSorted();
  const suites = (await names("e2e")).map((name) => name.replace("_test.ts", ""));
  assert.deepEqual(rows.toSorted(), [...await names("integration"), ...suites].toSorted());
});
