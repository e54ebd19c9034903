/**
 * Version 4 of the Cloudflare provider, which the plan has. Addresses equal those of the HCL that they replace, so that a live
 * state plans to no change (SPEC A9).
 *
 * @module
 */

import { type Model, workloadOf } from "../model/model.ts";
import { serviceHost } from "../model/workloads.ts";
import type { Stack } from "./cdktf.ts";
import {
  AccessApplication,
  AccessPolicy,
  CloudflareProvider,
  DataCloudflareAccessIdentityProvider,
  DnsRecord,
  Tunnel,
  TunnelConfig,
} from "./cdktf_cloudflare_v4.ts";
import type { Inputs, Version } from "./cloudflare.ts";

/** What cloudflare.ts takes. */
export const version: Version = {
  layout: {
    "dns.tf.json": ["resource.cloudflare_record"],
    "tunnel.tf.json": [
      "resource.random_password",
      "resource.cloudflare_tunnel",
      "resource.cloudflare_tunnel_config",
      "resource.aws_ssm_parameter",
    ],
    "access.tf.json": [
      "data.cloudflare_access_identity_provider",
      "resource.cloudflare_access_application",
      "resource.cloudflare_access_policy",
    ],
  },
  terraform: "1.0",
  files: [],
  build,
};

function build(stack: Stack, model: Model, { accountId, zoneId, tunnelSecret }: Inputs): string {
  const { hostname, zone, cloudflare } = model.config;
  new CloudflareProvider(stack, "cloudflare", {});
  const tunnel = new Tunnel(stack, "openclaw_tunnel", {
    accountId,
    name: "cloudflare openclaw tunnel",
    secret: tunnelSecret,
  });
  const record = new DnsRecord(stack, "openclaw", {
    zoneId,
    name: hostname.slice(0, -(zone.length + 1)),
    type: "CNAME",
    content: tunnel.cname,
    proxied: true,
  });
  const gateway = workloadOf(model, "openclaw");
  new TunnelConfig(stack, "openclaw_tunnel_config", {
    accountId,
    tunnelId: tunnel.id,
    config: {
      ingressRule: [
        { hostname: record.hostname, service: `http://${serviceHost(gateway)}:${gateway.port}` },
        // Cloudflare demands a last rule without a host name.
        { service: "http_status:404" },
      ],
    },
  }).overrideLogicalId("openclaw_tunnel");

  const provider = new DataCloudflareAccessIdentityProvider(stack, "github", {
    zoneId,
    name: cloudflare.identityProvider,
  });
  const application = new AccessApplication(stack, "openclaw_application", {
    zoneId,
    name: `Access application for ${hostname}`,
    domain: hostname,
    sessionDuration: cloudflare.sessionDuration,
  });
  application.overrideLogicalId("openclaw");
  new AccessPolicy(stack, "openclaw_policy", {
    applicationId: application.id,
    zoneId,
    name: `policy for ${hostname}`,
    precedence: 1,
    decision: "allow",
    include: [{ loginMethod: [provider.id] }],
  });
  return tunnel.tunnelToken;
}
