/**
 * Version 4 of the Cloudflare provider, which the plan has. Addresses equal those of the HCL that they replace, so that a live
 * state plans to no change (SPEC A9).
 *
 * @module
 */

import { type Model, workloadOf } from "../../model/model.ts";
import { serviceHost } from "../../model/workloads.ts";
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
import type { Stack } from "./cdktf.ts";
import {
  AccessApplication,
  AccessPolicy,
  type AccessPolicyInclude,
  AccessServiceToken,
  CloudflareProvider,
  DataCloudflareAccessIdentityProvider,
  DnsRecord,
  Tunnel,
  TunnelConfig,
} from "./cdktf_cloudflare_v4.ts";
import type { Inputs, Outputs, Version } from "./cloudflare.ts";
import { comment } from "./stack.ts";

/** What cloudflare.ts takes. */
export const version: Version = {
  layout: ({ cloudflare }) => ({
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
      ...(cloudflare.access.healthToken ? ["resource.cloudflare_access_service_token"] : []),
    ],
  }),
  terraform: "1.0",
  files: () => [],
  build,
};

function build(stack: Stack, model: Model, { accountId, zoneId, tunnelSecret }: Inputs): Outputs {
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
    allowedIdps: [provider.id],
    ...valuesOf(APPLICATION_SETTINGS),
  });
  application.overrideLogicalId("openclaw");
  comment(application, reasonsFor(APPLICATION_SETTINGS));
  const { include, require } = admission(cloudflare.access);
  new AccessPolicy(stack, "openclaw_policy", {
    applicationId: application.id,
    zoneId,
    name: `policy for ${hostname}`,
    precedence: 1,
    decision: "allow",
    include: include.map((rule) => inWordsOfV4(rule, provider.id)),
    ...(require.length > 0 ? { require: require.map((rule) => inWordsOfV4(rule, provider.id)) } : {}),
  });
  return {
    hostname: record.hostname,
    tunnelId: tunnel.id,
    tunnelToken: tunnel.tunnelToken,
    ...(cloudflare.access.healthToken ? { health: health(stack, hostname, accountId, zoneId) } : {}),
  };
}

function inWordsOfV4(rule: AccessRule, identityProviderId: string): AccessPolicyInclude {
  switch (rule.kind) {
    case "login":
      return { loginMethod: [identityProviderId] };
    case "email":
      return { email: [rule.address] };
    case "github":
      return {
        github: [{ name: rule.name, ...(rule.team === undefined ? {} : { teams: [rule.team] }), identityProviderId }],
      };
    case "okta":
      return { okta: [{ name: [rule.id], identityProviderId }] };
    case "azure":
      return { azure: [{ id: [rule.id], identityProviderId }] };
    case "gsuite":
      return { gsuite: [{ email: [rule.id], identityProviderId }] };
    case "access":
      return { group: [rule.id] };
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
  const application = new AccessApplication(stack, `${HEALTH}_application`, {
    zoneId,
    name: `Access application for ${hostname}${HEALTH_PATH}`,
    domain: `${hostname}${HEALTH_PATH}`,
    ...valuesOf(HEALTH_SETTINGS),
  });
  application.overrideLogicalId(HEALTH);
  comment(application, reasonsFor(HEALTH_SETTINGS));
  new AccessPolicy(stack, `${HEALTH}_policy`, {
    applicationId: application.id,
    zoneId,
    name: `policy for ${hostname}${HEALTH_PATH}`,
    precedence: 1,
    decision: "non_identity",
    include: [{ serviceToken: [token.id] }],
  });
  return { clientId: token.clientId, clientSecret: token.clientSecret };
}
