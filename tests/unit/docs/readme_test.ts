import assert from "node:assert/strict";
import { filesOf } from "../../support/support.ts";

Deno.test("the README's first command says how many files an empty pack.yaml has", async () => {
  const [, unchanged] =
    (await Deno.readTextFile("README.md")).match(/^0 files written, 0 removed, (\d+) unchanged$/m) ?? [];
  assert.equal(Number(unchanged), (await filesOf()).length);
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
