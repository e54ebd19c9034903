import assert from "node:assert/strict";

Deno.test("deno doc --lint finds every export of mod.ts documented", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", "mod.ts"],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
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
