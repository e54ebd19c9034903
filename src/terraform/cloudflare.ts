/**
 * `terraform/cloudflare/<zone>/openclaw`: DNS, tunnel and Access (plan, 2.1; SPEC A3 to A6), on version 4 of the
 * Cloudflare provider. Addresses equal those of the HCL that they replace, so that a live state plans to no change (A9).
 *
 * @module
 */

import { PROVIDERS } from "../config/defaults.ts";
import { type Model, workloadOf } from "../model/model.ts";
import { serviceHost } from "../model/workloads.ts";
import type { OutputFile } from "../output/file.ts";
import {
  AccessApplication,
  AccessPolicy,
  CloudflareProvider,
  DataCloudflareAccessIdentityProvider,
  DnsRecord,
  Fn,
  Password,
  RandomProvider,
  SsmParameter,
  type Stack,
  Tunnel,
  TunnelConfig,
  Variable,
} from "./cdktf.ts";
import { directoryFiles, type Layout } from "./stack.ts";
import { targetFiles } from "./tfaction.ts";

const LAYOUT: Layout = {
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
};

/** The working directory's path in arch. */
export function cloudflarePath({ config }: Model): string {
  return `terraform/cloudflare/${config.zone}/openclaw`;
}

/** Every file of the directory. */
export function cloudflareFiles(model: Model): OutputFile[] {
  const path = cloudflarePath(model);
  const files = directoryFiles(model, {
    path,
    providers: {
      aws: { source: "hashicorp/aws", version: PROVIDERS.aws },
      cloudflare: { source: "cloudflare/cloudflare", version: PROVIDERS.cloudflare },
      random: { source: "hashicorp/random", version: PROVIDERS.random },
    },
    layout: LAYOUT,
    build: (stack) => build(stack, model),
  });
  return [...files, ...targetFiles(model, path)];
}

function build(stack: Stack, model: Model): void {
  const { hostname, zone, cloudflare } = model.config;
  new CloudflareProvider(stack, "cloudflare", {});
  new RandomProvider(stack, "random", {});
  const accountId = new Variable(stack, "account_id", {
    type: "string",
    description: "Cloudflare account of the tunnel",
    default: cloudflare.accountId,
  }).stringValue;
  const zoneId = new Variable(stack, "zone_id", {
    type: "string",
    description: `Cloudflare zone ${zone}`,
    default: cloudflare.zoneId,
  }).stringValue;

  const secret = new Password(stack, "tunnel_secret", { length: 64 });
  const tunnel = new Tunnel(stack, "openclaw_tunnel", {
    accountId,
    name: "cloudflare openclaw tunnel",
    secret: Fn.sensitive(Fn.base64sha256(secret.result)),
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
  const { resource, parameter, description } = model.tunnelToken;
  new SsmParameter(stack, resource, {
    name: parameter,
    description,
    type: "SecureString",
    value: Fn.sensitive(tunnel.tunnelToken),
  });

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
}
