import assert from "node:assert/strict";
import { type TempDir, tempDir } from "../../support/temp_dir.ts";
import { runTask } from "./process.ts";

const ADMITTED = 'discord: { allowFrom: ["123456789012345678"] }\n';
const SSM = "terraform/aws/openclaw/ssm.tf.json";
const DNS = "out/terraform/cloudflare/b0xp.io/openclaw/dns.tf.json";

const gen = (dir: TempDir, ...args: string[]) => runTask("gen", dir, args);

const PAIR = ["--config", "pack.yaml", "--out", "out"];

Deno.test("gen writes both trees, says how much, and leaves nothing beside what it was told to write", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", ADMITTED);
  const first = await gen(dir, ...PAIR);
  assert.deepEqual([first.code, first.stderr], [0, ""]);
  assert.match(first.stdout, /^\d+ files written, 0 removed, 0 unchanged\n$/);
  const paths = await dir.list();
  assert.ok(paths.includes(`out/${SSM}`) && paths.includes("out/kustomize/base/kustomization.yaml"));
  assert.deepEqual(paths.filter((path) => !/^out\/(terraform|kustomize)\//.test(path)), [
    "out/.openclaw-pack.json",
    "pack.yaml",
  ]);

  const second = await gen(dir, ...PAIR);
  assert.match(second.stdout, /^0 files written, 0 removed, \d+ unchanged\n$/);
  const check = await gen(dir, "--check", ...PAIR);
  assert.deepEqual(check, { code: 0, stdout: "everything is as generated\n", stderr: "" });
  assert.deepEqual(await dir.list(), paths);
});

Deno.test("without arguments gen reads pack.yaml and writes here", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  const { code, stderr } = await gen(dir);
  assert.equal(code, 0);
  assert.match(stderr, /^warning: pack\.yaml:1:1: discord\.allowFrom: is empty/);
  assert.ok((await dir.list()).includes(SSM));
});

Deno.test("--check shows what was edited by hand, exits with 1 and writes nothing", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", ADMITTED);
  await gen(dir, ...PAIR);
  const edited = (await dir.read(DNS)).replace('"CNAME"', '"A"');
  await dir.write(DNS, edited);
  const { code, stdout, stderr } = await gen(dir, "--check", ...PAIR);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^terraform\/cloudflare\/b0xp\.io\/openclaw\/dns\.tf\.json: differs$/m);
  assert.match(stderr, /^ {2}- .*"A"/m);
  assert.match(stderr, /^ {2}\+ .*"CNAME"/m);
  assert.match(stderr, /run deno task gen$/m);
  assert.equal(await dir.read(DNS), edited);

  await gen(dir, ...PAIR);
  assert.equal((await gen(dir, "--check", ...PAIR)).code, 0);
});

Deno.test("--check in an empty folder names every file and makes none", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", ADMITTED);
  const { code, stderr } = await gen(dir, "--check", ...PAIR);
  assert.equal(code, 1);
  assert.match(stderr, /^terraform\/aws\/openclaw\/ssm\.tf\.json: is missing$/m);
  assert.deepEqual(await dir.list(), ["pack.yaml"]);
});

Deno.test("a faulty pack.yaml tells all its faults and leaves the tree as it was", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", ADMITTED);
  await gen(dir, ...PAIR);
  const before = await dir.read(DNS);
  await dir.write("pack.yaml", "zone: example.com\nhostnam: a.example.com\nsandbox: { backend: shh }\n");
  const { code, stdout, stderr } = await gen(dir, ...PAIR);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.deepEqual(stderr.trimEnd().split("\n").map((line) => line.split(": ").slice(0, 2).join(" ")), [
    "pack.yaml:2:1 hostnam",
    "pack.yaml:3:12 sandbox.backend",
  ]);
  assert.equal(await dir.read(DNS), before);
});

Deno.test("a change of pack.yaml removes what it no longer generates, and an edited left-over stays with a warning", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", `${ADMITTED}sandbox: { backend: ssh, image: "a/sandbox:1.0.0" }\n`);
  await gen(dir, ...PAIR);
  const before = await dir.list();
  await dir.write("pack.yaml", ADMITTED);
  const onlySsh = (path: string) =>
    path.includes("sandbox") && path.endsWith(".yaml") && path.startsWith("out/kustomize/base/");
  const [kept = ""] = before.filter(onlySsh);
  await dir.write(kept, `${await dir.read(kept)}# mine\n`);
  const { code, stdout, stderr } = await gen(dir, ...PAIR);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, / 0 removed/);
  assert.match(stderr, new RegExp(`^warning: ${kept.slice("out/".length)} is no longer generated but was edited`));
  assert.deepEqual((await dir.list()).filter(onlySsh), [kept]);
});

Deno.test("a foreign file in the way is named, and nothing is written", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", ADMITTED);
  await dir.write(DNS, "mine\n");
  const { code, stderr } = await gen(dir, ...PAIR);
  assert.equal(code, 1);
  assert.match(stderr, /^not written by openclaw-pack/);
  assert.deepEqual(await dir.list(), [DNS, "pack.yaml"]);
});

Deno.test("two deployments are written at once, each into its folder", async () => {
  await using dir = await tempDir();
  await dir.write("a.yaml", `${ADMITTED}hostname: a.b0xp.io\n`);
  await dir.write("b.yaml", `${ADMITTED}hostname: b.b0xp.io\n`);
  const { code, stdout } = await gen(dir, "--config", "a.yaml", "--out", "a", "--config", "b.yaml", "--out", "b");
  assert.equal(code, 0);
  assert.match(stdout, /\/a: \d+ files written.*\n.*\/b: \d+ files written/);
  for (const name of ["a", "b"]) {
    const dns = await dir.read(DNS.replace("out", name));
    assert.equal(JSON.parse(dns).resource.cloudflare_record.openclaw.name, name);
  }
});

Deno.test("a fault in the second deployment leaves the first unwritten", async () => {
  await using dir = await tempDir();
  await dir.write("a.yaml", ADMITTED);
  await dir.write("b.yaml", "x: 1\n");
  const { code, stderr } = await gen(dir, "--config", "a.yaml", "--out", "a", "--config", "b.yaml", "--out", "b");
  assert.equal(code, 1);
  assert.match(stderr, /^b\.yaml:1:1: x: unknown field/);
  assert.deepEqual(await dir.list(), ["a.yaml", "b.yaml"]);
});

Deno.test("what the file system refuses is told with the file's name", async (t) => {
  const cases: [name: string, args: string[], message: RegExp][] = [
    ["a configuration that is not there", ["--config", "none.yaml", "--out", "out"], /^none\.yaml: no such file/],
    ["a folder as the configuration", ["--config", "folder", "--out", "out"], /folder/],
    ["a file as the place for the output", ["--config", "pack.yaml", "--out", "pack.yaml"], /pack\.yaml/],
  ];
  for (const [name, args, message] of cases) {
    await t.step(name, async () => {
      await using dir = await tempDir();
      await dir.write("pack.yaml", ADMITTED);
      await dir.write("folder/x", "");
      const { code, stderr } = await gen(dir, ...args);
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.deepEqual(await dir.list(), ["folder/x", "pack.yaml"]);
    });
  }
});

Deno.test("wrong arguments exit with 2, say what was wrong and how it is used", async (t) => {
  const cases: [args: string[], message: RegExp][] = [
    [["--chek"], /--chek/],
    [["file.yaml"], /file\.yaml/],
    [["--config"], /--config/],
    [["--config", "a", "--config", "b", "--out", "c"], /^each --config needs an --out: there are 2 and 1/],
    [["--config", "a", "--config", "b", "--out", "c", "--out", "c"], /^two deployments in one --out/],
    [["--config", "a", "--config", "b", "--out", "c", "--out", "./c/"], /^two deployments in one --out/],
  ];
  await using dir = await tempDir();
  for (const [args, message] of cases) {
    await t.step(args.join(" "), async () => {
      const { code, stderr } = await gen(dir, ...args);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.match(stderr, /^Usage: deno task gen/m);
    });
  }
  assert.deepEqual(await dir.list(), []);
});

Deno.test("--help tells how it is used and exits with 0", async () => {
  await using dir = await tempDir();
  const { code, stdout } = await gen(dir, "--help");
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: deno task gen/);
});

Deno.test("HCL that defines what is generated stops gen, which says what to remove and what would be lost", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", ADMITTED);
  const old = "out/terraform/aws/openclaw/ssm.tf";
  await dir.write(old, 'resource "aws_ssm_parameter" "github_token" {\n}\n\nvariable "spare" {}\n');
  const before = await dir.list();
  for (const args of [PAIR, ["--check", ...PAIR]]) {
    const { code, stdout, stderr } = await gen(dir, ...args);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /^ {2}git rm terraform\/aws\/openclaw\/ssm\.tf {2}# resource\.aws_ssm_parameter\.github_token; move variable\.spare to/m,
    );
  }
  assert.deepEqual(await dir.list(), before);
  await dir.write(old, 'variable "spare" {}\n');
  assert.equal((await gen(dir, ...PAIR)).code, 0);
});
