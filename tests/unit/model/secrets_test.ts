import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import { buildModel } from "../../../src/model/model.ts";
import type { ReaderName } from "../../../src/tables/workloads.ts";

const modelOf = (text: string) => buildModel(readPack(text).config);
const SSH = "sandbox: { backend: ssh, image: a/sandbox:1.0.0 }\n";
const S3 = "backup: { s3: { bucket: example-backups } }\n";
const ADDED = "secrets: [{ name: A, description: d }, { name: B, description: d, reader: litellm, env: [C, D] }]\n";

/** Returns the environment variables and files of one reader. */
async function readBy(text: string, reader: ReaderName): Promise<string[]> {
  const { readers } = await modelOf(text);
  const reads = readers.find(({ name }) => name === reader)?.reads ?? [];
  return reads.flatMap(({ env, file }) => file === undefined ? env : [...env, file]);
}

Deno.test("each workload reads only what it needs", async () => {
  assert.deepEqual(await readBy("", "cloudflared"), ["TUNNEL_TOKEN"]);
  assert.deepEqual(await readBy("", "litellm"), ["LITELLM_MASTER_KEY", "LITELLM_PROXY_KEY"]);
  assert.deepEqual(await readBy("", "key-proxy"), ["ANTHROPIC_API_KEY", "LITELLM_PROXY_KEY"]);
  assert.deepEqual(await readBy("", "openclaw"), [
    "DISCORD_BOT_TOKEN",
    "OPENCLAW_GATEWAY_TOKEN",
    "LITELLM_PROXY_KEY",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "OPENAI_API_KEY",
    "CODEX_API_KEY",
  ]);
  assert.deepEqual(await readBy("", "sandbox"), []);
  assert.deepEqual(await readBy("", "backup"), []);
});

Deno.test("only the key proxy reads the Anthropic key, in every configuration", async () => {
  for (const text of ["", SSH, ADDED, "discord: { enabled: false }", "gateway: { auth: cloudflare-access }"]) {
    const key = (await modelOf(text)).manualSecrets.find(({ name }) => name === "ANTHROPIC_API_KEY");
    assert.deepEqual(key?.readers.map(({ reader }) => reader), ["key-proxy"]);
  }
});

Deno.test("an unused secret keeps its parameter and has no reader", async () => {
  const token = async (text: string) =>
    (await modelOf(text)).manualSecrets.find(({ name }) => name === "DISCORD_BOT_TOKEN");
  const before = await token("");
  assert.deepEqual(before?.readers.map(({ reader }) => reader), ["openclaw"]);
  assert.deepEqual(await token("discord: { enabled: false }"), { ...before, readers: [] });
});

Deno.test("behind Cloudflare Access the gateway's token is only the password of the clients in the pod", async () => {
  const before = await readBy("", "openclaw");
  const after = await readBy("gateway: { auth: cloudflare-access }", "openclaw");
  assert.deepEqual(
    after,
    before.map((name) => name === "OPENCLAW_GATEWAY_TOKEN" ? "OPENCLAW_GATEWAY_PASSWORD" : name),
  );
});

Deno.test("the ssh sandbox's keys are files, and neither side has the other's private key", async () => {
  assert.deepEqual(await readBy(SSH, "sandbox"), ["ssh_host_ed25519_key", "authorized_keys"]);
  assert.deepEqual((await readBy(SSH, "openclaw")).slice(-2), ["id_ed25519", "known_hosts"]);
});

Deno.test("only the backup has the key to the bucket, and only if a bucket is configured", async () => {
  const secrets = (await modelOf(S3)).secrets.filter(({ name }) => name.startsWith("BACKUP_"));
  assert.deepEqual(secrets.flatMap(({ readers }) => readers), [
    { reader: "backup", env: ["AWS_ACCESS_KEY_ID"] },
    { reader: "backup", env: ["AWS_SECRET_ACCESS_KEY"] },
  ]);
  assert.ok((await modelOf("")).secrets.every(({ name }) => !name.startsWith("BACKUP_")));
});

Deno.test("a row of pack.yaml is given to its reader, under its own name unless it names others", async () => {
  assert.deepEqual((await readBy(ADDED, "openclaw")).at(-1), "A");
  assert.deepEqual((await readBy(ADDED, "litellm")).slice(-2), ["C", "D"]);
});

Deno.test("parameters are below the prefix; every secret has its own resource and fake value", async () => {
  const secrets = (await modelOf(`aws: { ssmPrefix: /a/b/ }\n${SSH}${ADDED}`)).secrets;
  assert.ok(secrets.every(({ name, parameter }) => parameter === `/a/b/${name}`));
  for (const key of ["parameter", "resource", "fake"] as const) {
    assert.equal(new Set(secrets.map((secret) => secret[key])).size, secrets.length, key);
  }
  assert.ok(secrets.every(({ fake }) => fake.startsWith("fake-")));
});
