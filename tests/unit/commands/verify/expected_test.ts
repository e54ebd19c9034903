import assert from "node:assert/strict";
import {
  claims,
  containersOf,
  deployments,
  expectedObjects,
  has,
  type Overlay,
} from "../../../../src/commands/verify/expected.ts";
import type { PackInput } from "openclaw-pack";
import { modelOf, SSH } from "../../../support/support.ts";

const expected = async (overlay: Overlay, input: PackInput = {}) => expectedObjects(await modelOf(input), overlay);
const names = (list: readonly { metadata?: { name?: string } }[]) => list.map(({ metadata }) => metadata?.name).sort();

Deno.test("production has everything, its data guard among it", async () => {
  const prod = await expected("prod");
  assert.deepEqual(names(deployments(prod)), ["cloudflared", "litellm", "openclaw"]);
  assert.ok(has(prod, "ValidatingAdmissionPolicyBinding", "openclaw-data-guard"));
  assert.ok(has(prod, "ExternalSecret", "openclaw-es"));
  // Argo CD's Application belongs to another namespace and another kustomization.
  assert.ok(!prod.objects.some(({ kind }) => kind === "Application"));
});

Deno.test("a trial has what its own patches leave", async () => {
  for (const overlay of ["kind", "kind-eso"] as const) {
    const trial = await expected(overlay);
    assert.deepEqual(names(deployments(trial)), ["litellm", "openclaw"]);
    assert.ok(!has(trial, "NetworkPolicy", "cloudflared-network"));
    assert.equal(has(trial, "ExternalSecret", "openclaw-es"), overlay === "kind-eso");
    const gateway = deployments(trial).find(({ metadata }) => metadata?.name === "openclaw");
    assert.ok(gateway);
    const containers = containersOf(gateway);
    assert.ok(!containers.some(({ name }) => name === "install-plugins"));
    const env = containers.find(({ name }) => name === "openclaw")?.env?.map(({ name }) => name) ?? [];
    assert.ok(env.includes("GITHUB_TOKEN") && !env.includes("DISCORD_BOT_TOKEN"));
  }
});

Deno.test("the ssh sandbox brings a Deployment and a claim of its own", async () => {
  const prod = await expected("prod", SSH);
  assert.deepEqual(names(deployments(prod)), ["cloudflared", "litellm", "openclaw", "sandbox"]);
  assert.deepEqual(names(claims(prod)), ["litellm-spend", "openclaw-data", "sandbox-data"]);
});
