/**
 * Version 5 of the Cloudflare provider (SPEC A7), with the moves that a live state of version 4 needs: the record, the tunnel and
 * the Access application keep their names and are moved, not made anew. Only the policy cannot move, since version 4 had it in the
 * application and version 5 has it in the account: tfmigrate takes the old one out of the state without touching it, Terraform
 * makes a new one, and the application, which names its policies itself now, drops the old one. A `removed` block would not do:
 * Terraform cannot even read a state with a resource whose type its provider no longer has (seen with the real core). The other
 * directories of arch went the same way.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import { type Model, workloadOf } from "../../model/model.ts";
import { serviceHost } from "../../model/workloads.ts";
import { HEADER, type OutputFile } from "../../output/file.ts";
import {
  type AccessRule,
  admission,
  APPLICATION_SETTINGS,
  HEALTH,
  HEALTH_PATH,
  HEALTH_SETTINGS,
  HEALTH_TOKEN_DURATION,
  reasonsFor,
  valuesOf,
} from "./access.ts";
import { Local, type Stack } from "./cdktf.ts";
import {
  AccessApplication,
  AccessPolicy,
  type AccessPolicyInclude,
  AccessServiceToken,
  CloudflareProvider,
  DataAccessIdentityProviders,
  DataTunnelToken,
  DnsRecord,
  Tunnel,
  TunnelConfig,
} from "./cdktf_cloudflare_v5.ts";
import type { Inputs, Outputs, Version } from "./cloudflare.ts";
import { comment } from "./stack.ts";

/** Types of version 4 with those of version 5, and the names that move from one to the other. */
const MOVED = [
  ["cloudflare_record", "cloudflare_dns_record", ["openclaw"]],
  ["cloudflare_tunnel", "cloudflare_zero_trust_tunnel_cloudflared", ["openclaw_tunnel"]],
  ["cloudflare_tunnel_config", "cloudflare_zero_trust_tunnel_cloudflared_config", ["openclaw_tunnel"]],
  ["cloudflare_access_application", "cloudflare_zero_trust_access_application", ["openclaw", HEALTH]],
  ["cloudflare_access_service_token", "cloudflare_zero_trust_access_service_token", [HEALTH]],
] as const;

/** A fixed name: tfmigrate applies each file once and remembers it by its name. */
function forgetPolicies({ cloudflare }: PackConfig): OutputFile {
  const policies = ["openclaw_policy", ...(cloudflare.access.healthToken ? [`${HEALTH}_policy`] : [])];
  const actions = policies.map((name) => `    "rm cloudflare_access_policy.${name}",\n`);
  return {
    path: "tfmigrate/20260101000000_forget_access_policy.hcl",
    text: `# ${HEADER}

migration "state" "forget_access_policy" {
  # The next plan makes the policies that version 5 has instead.
  force = true
  actions = [
${actions.join("")}  ]
}
`,
  };
}

/** What cloudflare.ts takes. */
export const version: Version = {
  layout: ({ cloudflare }) => ({
    "dns.tf.json": ["resource.cloudflare_dns_record"],
    "tunnel.tf.json": [
      "resource.random_password",
      "resource.cloudflare_zero_trust_tunnel_cloudflared",
      "resource.cloudflare_zero_trust_tunnel_cloudflared_config",
      "data.cloudflare_zero_trust_tunnel_cloudflared_token",
      "resource.aws_ssm_parameter",
    ],
    "access.tf.json": [
      "locals",
      "data.cloudflare_zero_trust_access_identity_providers",
      "resource.cloudflare_zero_trust_access_application",
      "resource.cloudflare_zero_trust_access_policy",
      ...(cloudflare.access.healthToken ? ["resource.cloudflare_zero_trust_access_service_token"] : []),
    ],
    "moved.tf.json": ["moved"],
  }),
  // Moves from one type to another.
  terraform: "1.8",
  files: (config) => [forgetPolicies(config)],
  build,
};

function build(stack: Stack, model: Model, { accountId, zoneId, tunnelSecret }: Inputs): Outputs {
  const { hostname, cloudflare } = model.config;
  new CloudflareProvider(stack, "cloudflare", {});
  const tunnel = new Tunnel(stack, "openclaw_tunnel", {
    accountId,
    name: "cloudflare openclaw tunnel",
    tunnelSecret,
  });
  const record = new DnsRecord(stack, "openclaw", {
    zoneId,
    name: hostname,
    type: "CNAME",
    // Version 5 has no attribute for it.
    content: `${tunnel.id}.cfargotunnel.com`,
    proxied: true,
    // Automatic, which a proxied record must have.
    ttl: 1,
  });
  const gateway = workloadOf(model, "openclaw");
  new TunnelConfig(stack, "openclaw_tunnel_config", {
    accountId,
    tunnelId: tunnel.id,
    config: {
      ingress: [
        { hostname, service: `http://${serviceHost(gateway)}:${gateway.port}` },
        // Cloudflare demands a last rule without a host name.
        { service: "http_status:404" },
      ],
    },
  }).overrideLogicalId("openclaw_tunnel");
  const token = new DataTunnelToken(stack, "openclaw_tunnel_token_data", { accountId, tunnelId: tunnel.id });
  token.overrideLogicalId("openclaw_tunnel");

  const providers = new DataAccessIdentityProviders(stack, "github", { accountId });
  const providerId = new Local(
    stack,
    "identity_provider_id",
    idByName(providers.fqn, cloudflare.identityProvider),
  ).asString;
  const { include, require } = admission(cloudflare.access);
  const policy = new AccessPolicy(stack, "openclaw_policy", {
    accountId,
    name: `policy for ${hostname}`,
    decision: "allow",
    include: include.map((rule) => inWordsOfV5(rule, providerId)),
    ...(require.length > 0 ? { require: require.map((rule) => inWordsOfV5(rule, providerId)) } : {}),
  });
  const application = new AccessApplication(stack, "openclaw_application", {
    zoneId,
    name: `Access application for ${hostname}`,
    type: "self_hosted",
    domain: hostname,
    sessionDuration: cloudflare.sessionDuration,
    allowedIdps: [providerId],
    ...valuesOf(APPLICATION_SETTINGS),
    policies: [{ id: policy.id, precedence: 1 }],
  });
  application.overrideLogicalId("openclaw");
  comment(application, reasonsFor(APPLICATION_SETTINGS));
  const { healthToken } = cloudflare.access;

  const names = (all: readonly string[]) => all.filter((name) => healthToken || name !== HEALTH);
  const moved = MOVED.flatMap(([from, to, all]) =>
    names(all).map((name) => ({ from: `${from}.${name}`, to: `${to}.${name}` }))
  );
  stack.addOverride("moved", moved);
  return {
    hostname: record.name,
    tunnelId: tunnel.id,
    tunnelToken: token.token,
    ...(healthToken ? { health: health(stack, hostname, accountId, zoneId) } : {}),
  };
}

function inWordsOfV5(rule: AccessRule, identityProviderId: string): AccessPolicyInclude {
  switch (rule.kind) {
    case "login":
      return { loginMethod: { id: identityProviderId } };
    case "email":
      return { email: { email: rule.address } };
    case "github":
      return {
        githubOrganization: {
          name: rule.name,
          ...(rule.team === undefined ? {} : { team: rule.team }),
          identityProviderId,
        },
      };
    case "okta":
      return { okta: { name: rule.id, identityProviderId } };
    case "azure":
      return { azureAd: { id: rule.id, identityProviderId } };
    case "gsuite":
      return { gsuite: { email: rule.id, identityProviderId } };
    case "access":
      return { group: { id: rule.id } };
  }
}

/** The way past the login for a monitor, to one path. */
function health(stack: Stack, hostname: string, accountId: string, zoneId: string) {
  const token = new AccessServiceToken(stack, `${HEALTH}_token`, {
    accountId,
    name: `monitor of ${hostname}`,
    duration: HEALTH_TOKEN_DURATION,
  });
  token.overrideLogicalId(HEALTH);
  const policy = new AccessPolicy(stack, `${HEALTH}_policy`, {
    accountId,
    name: `policy for ${hostname}${HEALTH_PATH}`,
    decision: "non_identity",
    include: [{ serviceToken: { tokenId: token.id } }],
  });
  const application = new AccessApplication(stack, `${HEALTH}_application`, {
    zoneId,
    name: `Access application for ${hostname}${HEALTH_PATH}`,
    type: "self_hosted",
    domain: `${hostname}${HEALTH_PATH}`,
    ...valuesOf(HEALTH_SETTINGS),
    policies: [{ id: policy.id, precedence: 1 }],
  });
  application.overrideLogicalId(HEALTH);
  comment(application, reasonsFor(HEALTH_SETTINGS));
  return { clientId: token.clientId, clientSecret: token.clientSecret };
}

/** The provider's own lookup takes no name; without one of that name the plan fails at the index. */
function idByName(data: string, name: string): string {
  return `\${[for p in ${data}.result : p.id if p.name == ${JSON.stringify(name)}][0]}`;
}
