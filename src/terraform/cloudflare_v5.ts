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

import { type Model, workloadOf } from "../model/model.ts";
import { serviceHost } from "../model/workloads.ts";
import { HEADER, type OutputFile } from "../output/file.ts";
import type { Stack } from "./cdktf.ts";
import {
  AccessApplication,
  AccessPolicy,
  CloudflareProvider,
  DataAccessIdentityProviders,
  DataTunnelToken,
  DnsRecord,
  Tunnel,
  TunnelConfig,
} from "./cdktf_cloudflare_v5.ts";
import type { Inputs, Version } from "./cloudflare.ts";

/** Addresses of version 4 with those of version 5. */
const MOVED = {
  "cloudflare_record.openclaw": "cloudflare_dns_record.openclaw",
  "cloudflare_tunnel.openclaw_tunnel": "cloudflare_zero_trust_tunnel_cloudflared.openclaw_tunnel",
  "cloudflare_tunnel_config.openclaw_tunnel": "cloudflare_zero_trust_tunnel_cloudflared_config.openclaw_tunnel",
  "cloudflare_access_application.openclaw": "cloudflare_zero_trust_access_application.openclaw",
} as const;

/** A fixed name: tfmigrate applies each file once and remembers it by its name. */
const FORGET_POLICY: OutputFile = {
  path: "tfmigrate/20260101000000_forget_access_policy.hcl",
  text: `# ${HEADER}

migration "state" "forget_access_policy" {
  # The next plan makes the policy that version 5 has instead.
  force   = true
  actions = ["rm cloudflare_access_policy.openclaw_policy"]
}
`,
};

/** What cloudflare.ts takes. */
export const version: Version = {
  layout: {
    "dns.tf.json": ["resource.cloudflare_dns_record"],
    "tunnel.tf.json": [
      "resource.random_password",
      "resource.cloudflare_zero_trust_tunnel_cloudflared",
      "resource.cloudflare_zero_trust_tunnel_cloudflared_config",
      "data.cloudflare_zero_trust_tunnel_cloudflared_token",
      "resource.aws_ssm_parameter",
    ],
    "access.tf.json": [
      "data.cloudflare_zero_trust_access_identity_providers",
      "resource.cloudflare_zero_trust_access_application",
      "resource.cloudflare_zero_trust_access_policy",
    ],
    "moved.tf.json": ["moved"],
  },
  // Moves from one type to another.
  terraform: "1.8",
  files: [FORGET_POLICY],
  build,
};

function build(stack: Stack, model: Model, { accountId, zoneId, tunnelSecret }: Inputs): string {
  const { hostname, cloudflare } = model.config;
  new CloudflareProvider(stack, "cloudflare", {});
  const tunnel = new Tunnel(stack, "openclaw_tunnel", {
    accountId,
    name: "cloudflare openclaw tunnel",
    tunnelSecret,
  });
  new DnsRecord(stack, "openclaw", {
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
  const policy = new AccessPolicy(stack, "openclaw_policy", {
    accountId,
    name: `policy for ${hostname}`,
    decision: "allow",
    include: [{ loginMethod: { id: idByName(providers.fqn, cloudflare.identityProvider) } }],
  });
  new AccessApplication(stack, "openclaw_application", {
    zoneId,
    name: `Access application for ${hostname}`,
    type: "self_hosted",
    domain: hostname,
    sessionDuration: cloudflare.sessionDuration,
    policies: [{ id: policy.id, precedence: 1 }],
  }).overrideLogicalId("openclaw");

  stack.addOverride("moved", Object.entries(MOVED).map(([from, to]) => ({ from, to })));
  return token.token;
}

/** The provider's own lookup takes no name; without one of that name the plan fails at the index. */
function idByName(data: string, name: string): string {
  return `\${[for p in ${data}.result : p.id if p.name == ${JSON.stringify(name)}][0]}`;
}
