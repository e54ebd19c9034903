import assert from "node:assert/strict";
import { generate, type OutputFile, readPack } from "openclaw-pack";
import { HEADER } from "../../../src/output/file.ts";
import { validateAll } from "./kubernetes/validate.ts";
import { baseObjects, filesOf, SSH } from "../../support/support.ts";

/** What pack.yaml generates: whoever edits it has other trees, which are to be right as well. */
async function committed(): Promise<OutputFile[]> {
  return await generate(readPack(await Deno.readTextFile("pack.yaml")).config);
}

Deno.test("the committed trees are what pack.yaml generates", async () => {
  for (const { path, text } of await committed()) {
    assert.equal(await Deno.readTextFile(path), text, `${path}: run deno task gen`);
  }
});

Deno.test("the committed trees hold nothing else", async () => {
  const generated = new Set((await committed()).map(({ path }) => path));
  // What git knows: an overlay of a user's own is ignored, as docs/getting-started.md tells.
  const { stdout } = await new Deno.Command("git", { args: ["ls-files", "--", "terraform", "kustomize"] }).output();
  const found = new TextDecoder().decode(stdout).trim().split("\n");
  assert.ok(found.length > 1);
  assert.deepEqual(found.filter((path) => !generated.has(path)), []);
});

Deno.test("the same configuration gives the same bytes", async () => {
  assert.deepEqual(await filesOf(), await filesOf());
});

Deno.test("every generated file opens with what made it, if its format has comments", async () => {
  // Carried as they are: JSON has no comments, and the others come from src/ and are somebody else's to read.
  const carried =
    /\/config\/[^/]+\/(openclaw\.json|limits\.json|daemon\.json|approvals\.json|openclaw\.plugin\.json|package\.json|SOUL\.md|codex-review\.md|.*\.mjs|.*\.sh|.*\.toml|.*\.py|.*Dockerfile)$/;
  for (const { path, text } of await filesOf()) {
    if (carried.test(path)) continue;
    assert.ok(text.split("\n").slice(0, 2).some((line) => line.includes(HEADER)), path);
  }
});

Deno.test("every file ends with one newline and holds no trailing spaces", async () => {
  for (const { path, text } of await filesOf()) {
    assert.match(text, /[^\n]\n$/, path);
    assert.doesNotMatch(text, /[ \t]\n/, path);
  }
});

Deno.test("one object a file, named for its kind and name, right by its schema", async () => {
  for (const files of [await filesOf(), await filesOf(SSH)]) {
    for (const { path, text } of files) {
      if (!/^kustomize\/(base|overlays\/[^/]+)\/(?!config\/).*\.yaml$/.test(path)) continue;
      if (/(kustomization|fake-ssm)\.yaml$|\/patch-/.test(path)) continue;
      assert.equal(text.match(/^---$/gm)?.length, 1, path);
      assert.deepEqual(validateAll(text), [], path);
    }
    for (const { kind, metadata } of baseObjects(files)) {
      const name = `${kind.toLowerCase()}-${metadata.name}.yaml`;
      assert.ok(files.some(({ path }) => path.endsWith(`/${name}`)), name);
    }
  }
});
