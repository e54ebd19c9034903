import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** The folders of src/ from the bottom up: a file may import from its own layer and the layers below. */
const LAYERS = [
  ["errors.ts"],
  ["values"],
  ["tables"],
  ["config"],
  ["model"],
  ["output", "cluster"],
  ["generate"],
  ["commands", "reference"],
];

/** The maximum number of lines of a file in src/; tables may have more. */
const MAX_LINES = 250;

const SRC = join(import.meta.dirname ?? "", "../../src");
const sources = (await readdir(SRC, { recursive: true })).filter((path) => path.endsWith(".ts"));
const folderOf = (path: string) => path.split("/")[0] ?? "";
const layerOf = (path: string) => LAYERS.findIndex((folders) => folders.includes(folderOf(path)));

/** Returns a file's imports of other files, including dynamic ones, as paths below src/. */
async function importsOf(path: string): Promise<string[]> {
  // Examples in doc comments contain imports too.
  const text = (await Deno.readTextFile(join(SRC, path))).replaceAll(/^ \*.*$/gm, "");
  const specifiers = [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, specifier = ""]) => specifier);
  return specifiers.map((specifier) => relative(SRC, join(SRC, dirname(path), specifier)));
}

const graph = new Map(await Promise.all(sources.map(async (path) => [path, await importsOf(path)] as const)));

Deno.test("every folder of src/ has a layer", () => {
  assert.deepEqual(sources.filter((path) => layerOf(path) === -1), []);
});

Deno.test("no file of src/ imports from a layer above", () => {
  const upwards = [...graph].flatMap(([path, imports]) =>
    imports
      .filter((target) => {
        const [from, to] = [layerOf(path), layerOf(target)];
        return to > from || to === from && folderOf(target) !== folderOf(path);
      })
      .map((target) => `${path} imports ${target}`)
  );
  assert.deepEqual(upwards, []);
});

Deno.test("the imports of src/ form no cycle", () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    else if (!done.has(path)) {
      for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of graph.keys()) visit(path, []);
  assert.deepEqual(cycles, []);
});

Deno.test("only generate/terraform/synth.ts and the bindings import cdktf", async () => {
  const knowing = [];
  for (const path of sources) {
    const text = await Deno.readTextFile(join(SRC, path));
    if (/(?:from|import\()\s*"(?:cdktf|constructs|@cdktf\/[^"]*)"/.test(text)) knowing.push(path);
  }
  assert.deepEqual(knowing.filter((path) => !/^generate\/terraform\/(synth|bindings_[a-z0-9_]+)\.ts$/.test(path)), []);
});

Deno.test(`no file of src/ except tables has more than ${MAX_LINES} lines`, async () => {
  const long = [];
  for (const path of sources) {
    const lines = (await Deno.readTextFile(join(SRC, path))).split("\n").length - 1;
    if (lines > MAX_LINES && folderOf(path) !== "tables") long.push(path);
  }
  assert.deepEqual(long, []);
});
