import assert from "node:assert/strict";
import { join } from "node:path";
import { applyWrite, ForeignFiles, type OutputFile, planWrite } from "openclaw-pack";
import { HEADER } from "../../../src/output/file.ts";
import { RECORD } from "../../../src/output/writer.ts";
import { type TempDir, tempDir } from "../../support/temp_dir.ts";

const file = (path: string, text = `# ${HEADER}\n${path}\n`): OutputFile => ({ path, text });
const A = file("kustomize/a.yaml");
const B = file("kustomize/deep/er/b.yaml");
const C = file("terraform/c.tf.json", "{}\n");

async function write(dir: TempDir, files: readonly OutputFile[]) {
  const plan = await planWrite(dir.path, files);
  applyWrite(dir.path, plan);
  return plan;
}

/** Returns every file with its text, to compare before and after. */
async function snapshot(dir: TempDir) {
  const paths = await dir.list();
  return Promise.all(paths.map(async (path) => [path, path.endsWith("/") ? "" : await dir.read(path)]));
}

const recordOf = (files: Readonly<Record<string, string>>) => JSON.stringify({ files });

Deno.test("an empty folder receives every file and the record", async () => {
  await using dir = await tempDir();
  const plan = await write(dir, [C, B, A]);
  assert.deepEqual(plan.drifts.map(({ path }) => path), [A.path, B.path, C.path]);
  assert.deepEqual(await dir.list(), [RECORD, A.path, B.path, C.path]);
  for (const { path, text } of [A, B, C]) assert.equal(await dir.read(path), text);
});

Deno.test("planning writes nothing", async () => {
  await using dir = await tempDir();
  await planWrite(dir.path, [A, B]);
  assert.deepEqual(await dir.list(), []);
});

Deno.test("a second run touches no file, and a change touches only the changed file", async () => {
  await using dir = await tempDir();
  await write(dir, [A, B]);
  const long = new Date("2001-01-01");
  for (const path of [A.path, B.path, RECORD]) await Deno.utime(join(dir.path, path), long, long);
  const touched = async () => {
    const paths = await dir.list();
    const times = await Promise.all(paths.map(async (path) => (await Deno.stat(join(dir.path, path))).mtime));
    return paths.filter((_, index) => times[index]?.getTime() !== long.getTime());
  };

  const again = await write(dir, [A, B]);
  assert.deepEqual([again.drifts, again.unchanged, again.record.drifted], [[], 2, false]);
  assert.deepEqual(await touched(), []);

  const changed = await write(dir, [A, file(B.path, "other\n")]);
  assert.deepEqual([changed.drifts.map(({ path }) => path), changed.unchanged], [[B.path], 1]);
  assert.deepEqual(await touched(), [RECORD, B.path]);
});

Deno.test("an edited file is reported with its text, and overwritten", async () => {
  await using dir = await tempDir();
  await write(dir, [A, C]);
  await dir.write(C.path, "edited\n");
  const plan = await write(dir, [A, C]);
  assert.deepEqual(plan.drifts, [{ path: C.path, before: "edited\n", after: C.text }]);
  assert.equal(await dir.read(C.path), C.text);
});

Deno.test("a file that is no longer generated is removed, together with folders that become empty", async () => {
  await using dir = await tempDir();
  await write(dir, [A, B, C]);
  await write(dir, [A]);
  assert.deepEqual(await dir.list(), [RECORD, A.path]);
  await write(dir, []);
  assert.deepEqual(await dir.list(), [RECORD]);
});

Deno.test("files that were not generated stay, with their folders", async () => {
  await using dir = await tempDir();
  const others = ["README.md", "kustomize/deep/notes.txt", "other/x", "terraform/.terraform.lock.hcl"];
  for (const path of others) await dir.write(path, "mine\n");
  await write(dir, [A, B, C]);
  await write(dir, []);
  assert.deepEqual(await dir.list(), [RECORD, ...others]);
  for (const path of others) assert.equal(await dir.read(path), "mine\n");
});

Deno.test("a foreign file at a generated path is named, and nothing is written", async () => {
  await using dir = await tempDir();
  await dir.write(B.path, "mine\n");
  await dir.write(C.path, "mine too\n");
  const before = await snapshot(dir);
  await assert.rejects(planWrite(dir.path, [A, B, C]), (error) => {
    assert.ok(error instanceof ForeignFiles);
    assert.deepEqual(error.paths, [B.path, C.path]);
    assert.ok(error.message.includes(B.path) && error.message.includes(C.path));
    return true;
  });
  assert.deepEqual(await snapshot(dir), before);
});

Deno.test("without a record, a file with the header or the expected text is not foreign", async () => {
  await using dir = await tempDir();
  await dir.write(A.path, `# ${HEADER}\nold\n`);
  await dir.write(C.path, C.text);
  await write(dir, [A, C]);
  assert.equal(await dir.read(A.path), A.text);
});

Deno.test("an edited leftover file stays and is named", async () => {
  await using dir = await tempDir();
  await write(dir, [A, B]);
  await dir.write(B.path, `${B.text}edited\n`);
  const plan = await write(dir, [A]);
  assert.deepEqual(plan.edited, [B.path]);
  assert.deepEqual(plan.drifts, []);
  assert.equal(await dir.read(B.path), `${B.text}edited\n`);
});

Deno.test("a leftover file that was already deleted is ignored", async () => {
  await using dir = await tempDir();
  await write(dir, [A, B]);
  await Deno.remove(join(dir.path, B.path));
  const plan = await write(dir, [A]);
  assert.deepEqual([plan.drifts, plan.edited], [[], []]);
});

Deno.test("with an unreadable record nothing is removed, and the record is replaced", async (t) => {
  const records = [
    "",
    "{",
    "null",
    "7",
    "[]",
    '"x"',
    "{}",
    '{"files":null}',
    '{"files":7}',
    '{"files":["kustomize/a.yaml"]}',
  ];
  for (const record of [...records, recordOf({}), '{"files":{"kustomize/a.yaml":null,"kustomize/a":{}}}']) {
    await t.step(record === "" ? "empty" : record, async () => {
      await using dir = await tempDir();
      await write(dir, [A, C]);
      await dir.write(RECORD, record);
      const plan = await write(dir, [C]);
      assert.deepEqual(plan.drifts, []);
      assert.deepEqual(await dir.list(), [RECORD, A.path, C.path]);
      assert.deepEqual(Object.keys(JSON.parse(await dir.read(RECORD)).files), [C.path]);
    });
  }
});

Deno.test("a record cannot remove a file outside the two folders", async () => {
  await using dir = await tempDir();
  await using elsewhere = await tempDir();
  await elsewhere.write("victim", "text\n");
  await dir.write("victim", "text\n");
  await dir.write("out/victim", "text\n");
  await write(dir, [file("kustomize/victim", "text\n")]);
  const hash = JSON.parse(await dir.read(RECORD)).files["kustomize/victim"];
  assert.equal(typeof hash, "string");

  const out = join(dir.path, "out");
  await Deno.mkdir(join(out, "kustomize"));
  const paths = [
    "victim",
    "./victim",
    "../victim",
    "kustomize/../victim",
    "kustomize/../../victim",
    "kustomize/./../../victim",
    "kustomize//../victim",
    join(elsewhere.path, "victim"),
  ];
  await dir.write(`out/${RECORD}`, recordOf(Object.fromEntries(paths.map((path) => [path, hash]))));
  const plan = await planWrite(out, []);
  assert.deepEqual([plan.drifts, plan.edited], [[], []]);
  applyWrite(out, plan);
  for (const path of ["victim", "out/victim"]) assert.equal(await dir.read(path), "text\n");
  assert.equal(await elsewhere.read("victim"), "text\n");
});

Deno.test("a failed write changes no file and leaves no partial file", async (t) => {
  const obstacles: Record<string, (dir: TempDir) => Promise<void>> = {
    "a file exists where a folder is needed": (dir) => dir.write("kustomize/deep", "mine\n"),
    "a folder exists where the new text is written": (dir) => dir.write(`${C.path}.part/x`, "mine\n"),
  };
  for (const [name, obstruct] of Object.entries(obstacles)) {
    await t.step(name, async () => {
      await using dir = await tempDir();
      await write(dir, [file(A.path, "old\n")]);
      const plan = await planWrite(dir.path, [A, B, C]);
      await obstruct(dir);
      const before = (await snapshot(dir)).filter(([path]) => !path?.endsWith("/"));
      assert.throws(() => applyWrite(dir.path, plan));
      assert.deepEqual((await snapshot(dir)).filter(([path]) => !path?.endsWith("/")), before);
    });
  }
});

Deno.test("a folder at the path of a file is refused before anything is written", async () => {
  await using dir = await tempDir();
  await dir.write(`${B.path}/x`, "mine\n");
  const before = await snapshot(dir);
  await assert.rejects(planWrite(dir.path, [A, B]), { code: "EISDIR" });
  assert.deepEqual(await snapshot(dir), before);
});
