import assert from "node:assert/strict";
import { filesOf, jsonOf } from "../../../support/support.ts";

const PATH = "terraform/cloudflare/b0xp.io/openclaw";

/** Settings that the HCL did not set. */
const HARDENED = [
  "allowed_idps",
  "app_launcher_visible",
  "auto_redirect_to_identity",
  "http_only_cookie_attribute",
  "same_site_cookie_attribute",
];

Deno.test("every resource has the address and the values of the HCL that it replaces", async () => {
  const files = await filesOf();
  assert.deepEqual(jsonOf(files, `${PATH}/dns.tf.json`).resource, {
    cloudflare_record: {
      openclaw: {
        content: "${cloudflare_tunnel.openclaw_tunnel.cname}",
        name: "openclaw",
        proxied: true,
        type: "CNAME",
        zone_id: "${var.zone_id}",
      },
    },
  });
  assert.deepEqual(jsonOf(files, `${PATH}/tunnel.tf.json`).resource, {
    random_password: { tunnel_secret: { length: 64 } },
    cloudflare_tunnel: {
      openclaw_tunnel: {
        account_id: "${var.account_id}",
        name: "cloudflare openclaw tunnel",
        secret: "${sensitive(base64sha256(random_password.tunnel_secret.result))}",
      },
    },
    cloudflare_tunnel_config: {
      openclaw_tunnel: {
        account_id: "${var.account_id}",
        tunnel_id: "${cloudflare_tunnel.openclaw_tunnel.id}",
        config: {
          ingress_rule: [
            {
              hostname: "${cloudflare_record.openclaw.hostname}",
              service: "http://openclaw.openclaw.svc.cluster.local:18789",
            },
            { service: "http_status:404" },
          ],
        },
      },
    },
    aws_ssm_parameter: {
      openclaw_tunnel_token: {
        description: "for openclaw tunnel token",
        name: "/lolice/openclaw/tunnel-token",
        type: "SecureString",
        value: "${sensitive(cloudflare_tunnel.openclaw_tunnel.tunnel_token)}",
      },
    },
  });
  const access = jsonOf(files, `${PATH}/access.tf.json`);
  assert.deepEqual(access.data, {
    cloudflare_access_identity_provider: { github: { name: "GitHub", zone_id: "${var.zone_id}" } },
  });
  // access_test.ts checks the settings of Access that the HCL does not have.
  const { "//": _reasons, ...application } = access.resource.cloudflare_access_application.openclaw;
  for (const setting of HARDENED) delete application[setting];
  assert.deepEqual({ ...access.resource, cloudflare_access_application: { openclaw: application } }, {
    cloudflare_access_application: {
      openclaw: {
        domain: "openclaw.b0xp.io",
        name: "Access application for openclaw.b0xp.io",
        session_duration: "24h",
        zone_id: "${var.zone_id}",
      },
    },
    cloudflare_access_policy: {
      openclaw_policy: {
        application_id: "${cloudflare_access_application.openclaw.id}",
        decision: "allow",
        include: [{ login_method: ["${data.cloudflare_access_identity_provider.github.id}"] }],
        name: "policy for openclaw.b0xp.io",
        precedence: 1,
        zone_id: "${var.zone_id}",
      },
    },
  });
});

Deno.test("providers have version constraints, and cdktf leaves no metadata", async () => {
  const files = await filesOf();
  assert.deepEqual(jsonOf(files, `${PATH}/backend.tf.json`).terraform.required_providers, {
    aws: { source: "hashicorp/aws", version: "~> 6.0" },
    cloudflare: { source: "cloudflare/cloudflare", version: "~> 4.52" },
    random: { source: "hashicorp/random", version: "3.8.1" },
  });
  for (const { path, text } of files.filter(({ path }) => path.endsWith(".tf.json"))) {
    assert.equal(typeof JSON.parse(text)["//"], "string", path);
    assert.doesNotMatch(text, /TfToken|uniqueId|metadata|stackTrace/, path);
  }
});

Deno.test("another host name changes the record, the application and the directory", async () => {
  const files = await filesOf({ hostname: "a.b.example.com", zone: "example.com", cluster: { namespace: "claw" } });
  const path = "terraform/cloudflare/example.com/openclaw";
  assert.equal(jsonOf(files, `${path}/dns.tf.json`).resource.cloudflare_record.openclaw.name, "a.b");
  const [rule] =
    jsonOf(files, `${path}/tunnel.tf.json`).resource.cloudflare_tunnel_config.openclaw_tunnel.config.ingress_rule;
  assert.equal(rule.service, "http://openclaw.claw.svc.cluster.local:18789");
});
