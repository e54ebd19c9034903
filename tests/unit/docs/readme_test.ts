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

/** The pages that show a command with Deno's version. */
const PAGES = ["README.md", "CONTRIBUTING.md"];

Deno.test("every npx command in the documentation pins the version of .dvmrc", async () => {
  const version = (await Deno.readTextFile(".dvmrc")).trim();
  assert.match(version, /^\d+\.\d+\.\d+$/);
  for (const page of PAGES) {
    const text = await Deno.readTextFile(page);
    const pinned = [...text.matchAll(/npx -y deno@([^\s`"]+)/g)].map(([, pin]) => pin);
    assert.notEqual(pinned.length, 0, page);
    assert.deepEqual([...new Set(pinned)], [version], page);
  }
});

Deno.test("Renovate updates .dvmrc and the npx commands together", async () => {
  const { customManagers, packageRules } = JSON.parse(await Deno.readTextFile("renovate.json"));
  const manager = customManagers.find(({ depNameTemplate }: { depNameTemplate?: string }) =>
    depNameTemplate === "deno"
  );
  const version = (await Deno.readTextFile(".dvmrc")).trim();
  for (const file of [".dvmrc", ...PAGES]) {
    const patterns: string[] = manager.managerFilePatterns;
    assert.ok(patterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)), file);
    const text = await Deno.readTextFile(file);
    const found = manager.matchStrings.flatMap((match: string) =>
      [...text.matchAll(new RegExp(match, "g"))].map(({ groups }) => groups?.currentValue)
    );
    assert.notEqual(found.length, 0, file);
    assert.deepEqual([...new Set(found)], [version], file);
  }
  const isGrouped = (rule: { matchDepNames: string[]; groupName?: string }) =>
    rule.matchDepNames.includes("deno") && rule.groupName !== undefined;
  assert.ok(packageRules.some(isGrouped));
});
