import assert from "node:assert/strict";

/** pack.yaml's types are derived from its schema, which is not exported. */
const DERIVED = ["InferOutput", "InferInput", "PackSchema"];

Deno.test("deno doc --lint finds every export of mod.ts documented", async () => {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", "mod.ts"],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  const findings = new TextDecoder().decode(stderr).match(/^error\[.*$/gm) ?? [];
  const derived = (finding: string) => DERIVED.some((name) => finding.endsWith(`references private type '${name}'`));
  assert.deepEqual(findings.filter((finding) => !derived(finding)), []);
  assert.equal(findings.length, 4, "the linter found the known findings");
});

Deno.test("mod.ts exports the library and no plumbing", async () => {
  assert.deepEqual(Object.keys(await import("openclaw-pack")).toSorted(), [
    "ForeignFiles",
    "KEY_PROXY",
    "PackErrors",
    "UserError",
    "WORKLOAD_NAMES",
    "applyWrite",
    "buildModel",
    "formatDrift",
    "formatPackError",
    "generate",
    "packJsonSchema",
    "planWrite",
    "readPack",
  ]);
});
