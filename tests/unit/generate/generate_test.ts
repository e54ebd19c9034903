import assert from "node:assert/strict";
import { generate, type OutputFile, readPack } from "openclaw-pack";
import { HEADER } from "../../../src/output/file.ts";
import { validateAll } from "./kubernetes/validate.ts";
import { baseObjects, filesOf, SSH } from "../../support/support.ts";

/** The files generated from pack.yaml. An edited pack.yaml generates other trees, for which these tests must pass too. */
async function committed(): Promise<OutputFile[]> {
  return await generate(readPack(await Deno.readTextFile("pack.yaml")).config);
}

Deno.test("the committed trees are what pack.yaml generates", async () => {
  for (const { path, text } of await committed()) {
    assert.equal(await Deno.readTextFile(path), text, `${path}: run deno task gen`);
  }
});

Deno.test("the committed trees contain nothing else", async () => {
  const generated = new Set((await committed()).map(({ path }) => path));
  // Only files that git tracks, because the user's own overlay is ignored (docs/getting-started.md).
  const { stdout } = await new Deno.Command("git", { args: ["ls-files", "--", "terraform", "kustomize"] }).output();
  const found = new TextDecoder().decode(stdout).trim().split("\n");
  assert.ok(found.length > 1);
  assert.deepEqual(found.filter((path) => !generated.has(path)), []);
});

Deno.test("the same configuration generates the same bytes", async () => {
  assert.deepEqual(await filesOf(), await filesOf());
});

Deno.test("every generated file whose format has comments begins with the header", async () => {
  // JSON has no comments, and the other files are copied from src/ for programs that read them.
  const carried =
    /\/config\/[^/]+\/(openclaw(-without-discord)?\.json|limits\.json|daemon\.json|approvals\.json|openclaw\.plugin\.json|package\.json|SOUL\.md|codex-review\.md|github-exchange\.md|gitconfig|.*\.mjs|.*\.sh|.*\.toml|.*\.py|.*Dockerfile)$/;
  for (const { path, text } of await filesOf()) {
    if (carried.test(path)) continue;
    assert.ok(text.split("\n").slice(0, 2).some((line) => line.includes(HEADER)), path);
  }
});

Deno.test("every file ends with one newline and has no trailing spaces", async () => {
  for (const { path, text } of await filesOf()) {
    assert.match(text, /[^\n]\n$/, path);
    assert.doesNotMatch(text, /[ \t]\n/, path);
  }
});

Deno.test("each file has one object, is named after its kind and name, and matches its schema", async () => {
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
