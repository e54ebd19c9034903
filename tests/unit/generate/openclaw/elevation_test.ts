import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { elevationFiles } from "../../../../src/generate/openclaw/elevation.ts";
import policy, { refusal } from "../../../../src/generate/openclaw/elevation/policy.mjs";

const ID = "123456789012345678";

const approvals = (discord: Record<string, unknown>) =>
  JSON.parse(elevationFiles(readPack(stringify({ discord })).config)["approvals.json"] ?? "").defaults;

Deno.test("the approvals document denies all while nobody is listed, and else asks each time", () => {
  assert.equal(approvals({ allowFrom: [ID] }).security, "deny");
  assert.equal(approvals({ enabled: false, allowFrom: [ID], elevated: [ID] }).security, "deny");
  assert.deepEqual(approvals({ allowFrom: [ID], elevated: [ID] }), {
    security: "allowlist",
    ask: "always",
    askFallback: "deny",
    autoAllowSkills: false,
  });
});

Deno.test("a command may be asked for if an approval shows all of it", () => {
  for (
    const command of ["git status", 'gh pr create --title "修正: ログ — 2件 ✅" --fill', `echo ${"a".repeat(890)}`]
  ) {
    assert.equal(refusal({ command, workdir: "/tmp", elevated: true, timeoutSeconds: 5 }), undefined, command);
  }
  for (
    const command of [
      "a\nb",
      "a\rb",
      "a\tb",
      "a\u200bb",
      "a\u202eb",
      "echo \u05d0",
      "a\u2800b",
      "a    b",
      `echo ${"a".repeat(896)}`,
      "",
    ]
  ) {
    assert.notEqual(refusal({ command, elevated: true }), undefined, command);
  }
  for (const more of [{ env: {} }, { pty: true }, { background: true }, { host: "gateway" }, { ask: "off" }]) {
    assert.match(refusal({ command: "id", elevated: true, ...more }) ?? "", /does not show/);
  }
});

Deno.test("a command that does not ask for elevation goes to the sandbox, whatever it says", () => {
  let handler: (event: { params: Record<string, unknown> }) => unknown = () => {};
  policy.register({ on: (_name: string, given: typeof handler) => handler = given });
  const confined = { command: "id", elevated: false, host: "sandbox" };
  for (const params of [{}, { host: "gateway" }, { elevated: "true" }, { elevated: false }, { elevated: 1 }]) {
    assert.deepEqual(handler({ params: { command: "id", ...params } }), { params: confined });
  }
  assert.equal(handler({ params: { command: "id", elevated: true } }), undefined);
  assert.match(JSON.stringify(handler({ params: { command: "id", elevated: true, env: {} } })), /"block":true/);
});
