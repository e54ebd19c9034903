import assert from "node:assert/strict";
import { openclawConfig } from "../../../../src/generate/openclaw/config.ts";
import type { PackInput } from "openclaw-pack";
import { type Json, modelOf, SSH } from "../../../support/support.ts";

async function config(input: PackInput = {}): Promise<Json> {
  return JSON.parse(openclawConfig(await modelOf(input)));
}

Deno.test("openclaw.json contains secrets only by name", async () => {
  const { gateway, models, channels } = await config();
  const names = [gateway.auth.token, models.providers.litellm.apiKey, channels.discord.token];
  assert.deepEqual(
    names,
    ["OPENCLAW_GATEWAY_TOKEN", "LITELLM_PROXY_KEY", "DISCORD_BOT_TOKEN"].map((id) => ({
      source: "env",
      provider: "default",
      id,
    })),
  );
});

Deno.test("models are used only through LiteLLM, in order", async () => {
  const { models, agents } = await config();
  assert.equal(models.mode, "replace");
  assert.equal(models.providers.litellm.baseUrl, "http://litellm.openclaw.svc.cluster.local:4000/v1");
  assert.deepEqual(Object.keys(models.providers), ["litellm"]);
  assert.deepEqual(agents.defaults.model, {
    primary: "litellm/claude-sonnet-4-5-20250929",
    fallbacks: ["litellm/claude-opus-4-6"],
  });
  assert.equal(agents.defaults.models["litellm/claude-opus-4-6"].alias, "opus");
});

Deno.test("every session runs in the sandbox, which has limits", async () => {
  const { sandbox } = (await config({ sandbox: { memory: "512Mi", cpus: 2, pids: 100 } })).agents.defaults;
  assert.deepEqual([sandbox.mode, sandbox.scope, sandbox.workspaceAccess], ["all", "agent", "rw"]);
  assert.match(sandbox.docker.image, /^openclaw-sandbox:[0-9a-f]{12}$/);
  assert.deepEqual(
    [sandbox.docker.memory, sandbox.docker.memorySwap, sandbox.docker.cpus, sandbox.docker.pidsLimit],
    ["512m", "512m", 2, 100],
  );
  assert.deepEqual([sandbox.docker.user, sandbox.docker.readOnlyRoot, sandbox.docker.capDrop], ["1001:1001", true, [
    "ALL",
  ]]);
});

Deno.test("another base image results in another sandbox image", async () => {
  const image = async (input: PackInput) => (await config(input)).agents.defaults.sandbox.docker.image;
  assert.notEqual(await image({}), await image({ images: { sandboxBase: "debian:13.2.0" } }));
});

Deno.test("files in memory always have a size limit and leave memory for the sandbox", async () => {
  const tmpfs = async (memory: string) => (await config({ sandbox: { memory } })).agents.defaults.sandbox.docker.tmpfs;
  assert.deepEqual(await tmpfs("1Gi"), ["/tmp:size=256m", "/var/tmp:size=128m", "/run:size=16m"]);
  // A size of 0 would mean no limit.
  assert.deepEqual(await tmpfs("6Mi"), ["/tmp:size=2m", "/var/tmp:size=1m", "/run:size=1m"]);
});

Deno.test("one setting selects the ssh sandbox, and its host key is verified", async () => {
  const { sandbox } = (await config(SSH)).agents.defaults;
  assert.equal(sandbox.backend, "ssh");
  assert.equal(sandbox.ssh.target, "sandbox@sandbox.openclaw-sandbox.svc.cluster.local:2222");
  assert.equal(sandbox.ssh.strictHostKeyChecking, true);
  assert.equal(sandbox.docker, undefined);
});

Deno.test("commands outside the sandbox are for the people who are listed for it, and each one is asked for", async () => {
  const id = "123456789012345678";
  const talker = "123456789012345679";
  const nobody = await config({ discord: { allowFrom: [id] } });
  assert.deepEqual(nobody.tools.elevated, { enabled: false, allowFrom: { discord: [] } });
  assert.deepEqual(nobody.commands.ownerAllowFrom, []);
  assert.deepEqual(nobody.channels.discord.execApprovals, { enabled: false });
  const somebody = await config({ discord: { allowFrom: [id, talker], elevated: [id] } });
  assert.deepEqual(somebody.tools.elevated, { enabled: true, allowFrom: { discord: [id] } });
  assert.deepEqual(somebody.commands.ownerAllowFrom, [`discord:${id}`]);
  assert.deepEqual(somebody.channels.discord.execApprovals, { enabled: true, approvers: [id], target: "dm" });
  assert.ok(somebody.tools.deny.includes("process"));
  for (const { tools } of [nobody, somebody]) {
    assert.deepEqual(tools.exec, { host: "auto", security: "allowlist", ask: "always" });
  }
});

Deno.test("Discord admits the listed people, and nobody while none is listed", async () => {
  assert.equal((await config()).channels.discord.dmPolicy, "disabled");
  const id = "123456789012345678";
  const { channels } = await config({ discord: { allowFrom: [id] } });
  assert.deepEqual([channels.discord.dmPolicy, channels.discord.allowFrom], ["allowlist", [id]]);
});

Deno.test("behind Cloudflare Access the gateway reads its user from the proxy and has no token", async () => {
  const { gateway } = await config({ gateway: { auth: "cloudflare-access", accessUsers: ["me@example.com"] } });
  assert.equal(gateway.auth.token, undefined);
  assert.deepEqual(gateway.auth.trustedProxy, {
    userHeader: "cf-access-authenticated-user-email",
    requiredHeaders: ["cf-access-jwt-assertion"],
    allowUsers: ["me@example.com"],
  });
  assert.deepEqual(gateway.trustedProxies, ["10.244.0.0/16"]);
});
