import assert from "node:assert/strict";
import { filesOf } from "../../support/support.ts";
import { messagesOf } from "../config/errors_of.ts";

Deno.test("the README's first command says how many files an empty pack.yaml has", async () => {
  const [, unchanged] =
    (await Deno.readTextFile("README.md")).match(/^0 files written, 0 removed, (\d+) unchanged$/m) ?? [];
  assert.equal(Number(unchanged), (await filesOf()).length);
});

Deno.test("the README's errors are those of such a pack.yaml", async () => {
  const [, shown = ""] = (await Deno.readTextFile("README.md")).match(/^\$ deno task gen\n(pack\.yaml:[^`]*)```$/m) ??
    [];
  const pack = `hostnam: a.example.com
gateway:
  auth: tokn
images:
  openclaw: ghcr.io/openclaw/openclaw:2026.9.6@sha256:${"0".repeat(64)}
`;
  assert.deepEqual(messagesOf(pack), shown.trimEnd().split("\n"));
});

Deno.test("the Japanese README has the English one's commands, pictures, links and structure of headings", async () => {
  const [en, ja] = await Promise.all(["README.md", "README.ja.md"].map((path) => Deno.readTextFile(path)));
  assert.ok(en !== undefined && ja !== undefined);
  const shape = (text: string) => ({
    headings: [...text.matchAll(/^(#+) /gm)].map(([, level]) => level),
    blocks: [...text.matchAll(/^```[^]*?^```/gm)].map(([block]) => block),
    inline: [...new Set(text.match(/`[^`\n]+`/g))].toSorted(),
    links: [...new Set([...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link))]
      .filter((link) => !/^README/.test(link ?? "")).toSorted(),
    rows: text.match(/^\|/gm)?.length,
  });
  assert.deepEqual(shape(ja), shape(en));
  assert.ok(shape(en).headings.length >= 7 && shape(en).blocks.length >= 6);
});

Deno.test("every file that a page links to exists", async () => {
  const pages = ["README.md", "README.ja.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
  for await (const { name } of Deno.readDir("docs")) if (name.endsWith(".md")) pages.push(`docs/${name}`);
  for (const page of pages) {
    const text = await Deno.readTextFile(page);
    for (const [, link = ""] of text.matchAll(/\]\((?!https?:|#|\.\.\/\.\.\/actions)([^)#\s]+)/g)) {
      const path = new URL(link, `file:///${page}`).pathname.slice(1);
      assert.ok(await Deno.stat(path).then(() => true, () => false), `${page}: ${link}`);
    }
  }
});

/** The pages that show a command with Deno's version. */
const PAGES = ["README.md", "README.ja.md", "CONTRIBUTING.md"];

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
