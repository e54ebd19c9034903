import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";

const table = await Deno.readTextFile("docs/requirements.md");
const rows = new Map([...table.matchAll(/^\| ([A-F]\d+) +\|(.*)$/gm)].map(([, id = "", rest = ""]) => [id, rest]));

/** Every text of the repository that people write: path and content. */
async function* texts(): AsyncGenerator<[path: string, text: string]> {
  for (const folder of ["src", "tasks", "tests", "docs", ".github"]) {
    for (const path of await readdir(folder, { recursive: true })) {
      if (/\.(ts|py|sh|mjs|cjs|md|yml|go)$/.test(path)) {
        yield [`${folder}/${path}`, await Deno.readTextFile(`${folder}/${path}`)];
      }
    }
  }
  for (const path of ["README.md", "mod.ts", "CONTRIBUTING.md", "SECURITY.md"]) {
    const text = await Deno.readTextFile(path).catch(() => "");
    yield [path, text];
  }
}

Deno.test("the table of requirements has the rows of each section without a gap", () => {
  for (const [section, count] of Object.entries({ A: 9, B: 15, C: 5, D: 8, E: 13, F: 10 })) {
    const ids = Array.from({ length: count }, (_, index) => `${section}${index + 1}`);
    assert.deepEqual([...rows.keys()].filter((id) => id.startsWith(section)), ids);
  }
});

Deno.test("each requirement is verified by tests that exist, or is marked as open", async () => {
  for (const [id, row] of rows) {
    const paths = row.match(/tests\/[a-z0-9_/]+\.ts/g) ?? [];
    assert.ok(paths.length > 0 || /\bopen\b/.test(row), id);
    for (const path of paths) assert.ok((await Deno.stat(path)).isFile, `${id}: ${path}`);
  }
});

Deno.test("each requirement that a text cites is in the table", async () => {
  let cited = 0;
  for await (const [path, text] of texts()) {
    for (const [, list = ""] of text.matchAll(/\brequirements? ((?:[A-F]\d+)(?:(?:, | and | to )[A-F]\d+)*)/g)) {
      for (const id of list.match(/[A-F]\d+/g) ?? []) {
        cited++;
        assert.ok(rows.has(id), `${path}: ${id}`);
      }
    }
  }
  assert.ok(cited > 0);
});

Deno.test("no text cites a document that the repository does not have", async () => {
  const FOREIGN = [
    /\bSPEC [A-F]\d/,
    /\(plan, /,
    /\bFACTS\b/,
    /\bDESIGN\.md\b/,
    /\bfindings?[/ ][a-zA-Z]\d/,
    /findings\//,
  ];
  for await (const [path, text] of texts()) {
    if (path === "tests/unit/docs/requirements_test.ts") continue;
    for (const pattern of FOREIGN) assert.doesNotMatch(text, pattern, path);
  }
});
