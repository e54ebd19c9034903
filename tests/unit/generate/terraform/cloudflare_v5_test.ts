import assert from "node:assert/strict";
import type { PackInput } from "openclaw-pack";
import { filesOf, type Json, jsonOf, textOf } from "../../../support/support.ts";

const PATH = "terraform/cloudflare/b0xp.io/openclaw";
const V5: PackInput = { cloudflare: { provider: 5 } };

/** Returns every address in a directory. */
function addresses(files: Awaited<ReturnType<typeof filesOf>>): string[] {
  return files.filter(({ path }) => path.startsWith(PATH) && path.endsWith(".tf.json")).flatMap(({ text }) =>
    Object.entries<Json>(JSON.parse(text).resource ?? {}).flatMap(([type, rows]) =>
      Object.keys(rows).map((name) => `${type}.${name}`)
    )
  );
}

Deno.test("one setting selects version 5, and every address of version 4 is kept, moved or removed from the state", async () => {
  for (const healthToken of [false, true]) await keptOrMoved(healthToken);
});

async function keptOrMoved(healthToken: boolean): Promise<void> {
  const [four, five] = [
    await filesOf({ cloudflare: { access: { healthToken } } }),
    await filesOf({ cloudflare: { provider: 5, access: { healthToken } } }),
  ];
  const [before, after] = [addresses(four), addresses(five)];
  const { moved } = jsonOf(five, `${PATH}/moved.tf.json`);
  const migration = textOf(five, `${PATH}/tfmigrate/20260101000000_forget_access_policy.hcl`);
  const gone = new Set(before.filter((address) => !after.includes(address)));
  for (const { from, to } of moved) {
    assert.ok(gone.delete(from), from);
    assert.ok(after.includes(to), to);
    assert.equal(from.split(".")[1], to.split(".")[1], "the name is kept");
  }
  for (const [, address = ""] of migration.matchAll(/"rm ([^"]*)"/g)) assert.ok(gone.delete(address), address);
  assert.deepEqual([...gone], [], "would be destroyed");
}

Deno.test("version 5 has the structure that its provider expects", async () => {
  const files = await filesOf(V5);
  assert.equal(jsonOf(files, `${PATH}/backend.tf.json`).terraform.required_providers.cloudflare.version, "~> 5.0");
  const { openclaw: record } = jsonOf(files, `${PATH}/dns.tf.json`).resource.cloudflare_dns_record;
  assert.deepEqual([record.ttl, record.proxied, record.type], [1, true, "CNAME"]);
  const tunnel = jsonOf(files, `${PATH}/tunnel.tf.json`);
  const { config } = tunnel.resource.cloudflare_zero_trust_tunnel_cloudflared_config.openclaw_tunnel;
  assert.deepEqual(config.ingress.at(-1), { service: "http_status:404" });
  assert.deepEqual(Object.keys(config), ["ingress"]);
  assert.match(tunnel.resource.aws_ssm_parameter.openclaw_tunnel_token.value, /^\$\{sensitive\(data\..*\.token\)\}$/);
  const { locals, resource: access } = jsonOf(files, `${PATH}/access.tf.json`);
  const { include } = access.cloudflare_zero_trust_access_policy.openclaw_policy;
  assert.equal(include.length, 1);
  assert.equal(include[0].login_method.id, "${local.identity_provider_id}");
  assert.match(locals.identity_provider_id, /p\.name == "GitHub"/);
  assert.deepEqual(access.cloudflare_zero_trust_access_application.openclaw.policies, [
    { id: "${cloudflare_zero_trust_access_policy.openclaw_policy.id}", precedence: 1 },
  ]);
});
