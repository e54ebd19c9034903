import assert from "node:assert/strict";
import type { PackInput } from "openclaw-pack";
import { filesOf, type Json, jsonOf } from "../../../support/support.ts";

const PATH = "terraform/cloudflare/b0xp.io/openclaw";

type Access = NonNullable<NonNullable<PackInput["cloudflare"]>["access"]>;

/** Returns access.tf.json for one version of the provider. */
async function accessOf(provider: 4 | 5, access: Access): Promise<Json> {
  return jsonOf(await filesOf({ cloudflare: { provider, access } }), `${PATH}/access.tf.json`);
}

const NARROWED: Access = {
  emails: ["a@example.com", "b@example.com"],
  githubOrganizations: [{ name: "boxp" }, { name: "boxp", team: "admins" }],
  groups: [
    { kind: "okta", id: "Admins" },
    { kind: "azure", id: "object-id" },
    { kind: "gsuite", id: "admins@example.com" },
    { kind: "access", id: "group-id" },
  ],
};

Deno.test("version 4 admits only listed people who use the login method", async () => {
  const id = "${data.cloudflare_access_identity_provider.github.id}";
  const { openclaw_policy: policy } = (await accessOf(4, NARROWED)).resource.cloudflare_access_policy;
  assert.deepEqual(policy.include, [
    { email: ["a@example.com"] },
    { email: ["b@example.com"] },
    { github: [{ identity_provider_id: id, name: "boxp" }] },
    { github: [{ identity_provider_id: id, name: "boxp", teams: ["admins"] }] },
    { okta: [{ identity_provider_id: id, name: ["Admins"] }] },
    { azure: [{ id: ["object-id"], identity_provider_id: id }] },
    { gsuite: [{ email: ["admins@example.com"], identity_provider_id: id }] },
    { group: ["group-id"] },
  ]);
  assert.deepEqual(policy.require, [{ login_method: [id] }]);
});

Deno.test("version 5 admits the same", async () => {
  const identity_provider_id = "${local.identity_provider_id}";
  const { openclaw_policy: policy } = (await accessOf(5, NARROWED)).resource.cloudflare_zero_trust_access_policy;
  assert.deepEqual(policy.include, [
    { email: { email: "a@example.com" } },
    { email: { email: "b@example.com" } },
    { github_organization: { identity_provider_id, name: "boxp" } },
    { github_organization: { identity_provider_id, name: "boxp", team: "admins" } },
    { okta: { identity_provider_id, name: "Admins" } },
    { azure_ad: { id: "object-id", identity_provider_id } },
    { gsuite: { email: "admins@example.com", identity_provider_id } },
    { group: { id: "group-id" } },
  ]);
  assert.deepEqual(policy.require, [{ login_method: { id: identity_provider_id } }]);
});

Deno.test("with an empty list, everyone who uses the login method is admitted, and no other method is offered", async () => {
  const four = (await accessOf(4, {})).resource;
  const id = "${data.cloudflare_access_identity_provider.github.id}";
  assert.deepEqual(four.cloudflare_access_policy.openclaw_policy.include, [{ login_method: [id] }]);
  assert.equal("require" in four.cloudflare_access_policy.openclaw_policy, false);
  assert.deepEqual(four.cloudflare_access_application.openclaw.allowed_idps, [id]);
  const five = (await accessOf(5, {})).resource;
  const local = "${local.identity_provider_id}";
  assert.deepEqual(five.cloudflare_zero_trust_access_policy.openclaw_policy.include, [{ login_method: { id: local } }]);
  assert.deepEqual(five.cloudflare_zero_trust_access_application.openclaw.allowed_idps, [local]);
});

Deno.test("each application has the secure settings, each with its reason", async () => {
  for (const [provider, type] of [[4, "access_application"], [5, "zero_trust_access_application"]] as const) {
    const rows = (await accessOf(provider, { healthToken: true })).resource[`cloudflare_${type}`];
    const { openclaw, openclaw_health: health } = rows;
    assert.deepEqual([
      openclaw.app_launcher_visible,
      openclaw.http_only_cookie_attribute,
      openclaw.same_site_cookie_attribute,
      openclaw.auto_redirect_to_identity,
    ], [false, true, "lax", true]);
    assert.deepEqual([health.app_launcher_visible, health.service_auth_401_redirect], [false, true]);
    for (const application of [openclaw, health]) {
      for (const setting of Object.keys(application["//"])) assert.ok(setting in application, setting);
      assert.ok(Object.keys(application["//"]).length >= 4);
    }
  }
});

Deno.test("a monitor's token is valid for only one path, and its secret is marked as sensitive", async () => {
  const files = await filesOf({ cloudflare: { access: { healthToken: true } } });
  const { resource } = jsonOf(files, `${PATH}/access.tf.json`);
  const { openclaw_policy: people, openclaw_health_policy: monitor } = resource.cloudflare_access_policy;
  assert.deepEqual([monitor.decision, monitor.include], ["non_identity", [
    { service_token: ["${cloudflare_access_service_token.openclaw_health.id}"] },
  ]]);
  assert.equal(monitor.application_id, "${cloudflare_access_application.openclaw_health.id}");
  assert.equal(resource.cloudflare_access_application.openclaw_health.domain, "openclaw.b0xp.io/healthz");
  assert.doesNotMatch(JSON.stringify(people), /service_token/);
  const { output } = jsonOf(files, `${PATH}/outputs.tf.json`);
  const sensitive = Object.entries<Json>(output).map(([name, row]) => [name, row.sensitive ?? false]);
  assert.deepEqual(sensitive, [
    ["hostname", false],
    ["tunnel_id", false],
    ["health_client_id", false],
    ["health_client_secret", true],
  ]);
  assert.doesNotMatch(JSON.stringify(await filesOf()), /service_token/);
});
