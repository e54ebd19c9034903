/**
 * Version 4 of the Cloudflare provider, the default. Resource addresses equal those in the HCL that this replaces, so that the
 * plan for a live state shows no changes (requirement A9).
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
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
import { type AccessPolicyInclude, bindings } from "./bindings_v4.ts";
import { type Block, data, ref, resource } from "./blocks.ts";
import { INPUTS, type Version } from "./cloudflare_version.ts";

/** The version for cloudflare.ts. */
export const version: Version = {
  bindings,
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
  blocks,
  moved: () => [],
  outputs: {
    hostname: "cloudflare_record.openclaw.hostname",
    tunnelId: "cloudflare_tunnel.openclaw_tunnel.id",
    tunnelToken: "cloudflare_tunnel.openclaw_tunnel.tunnel_token",
  },
  health: {
    clientId: `cloudflare_access_service_token.${HEALTH}.client_id`,
    clientSecret: `cloudflare_access_service_token.${HEALTH}.client_secret`,
  },
};

const accountId = ref(INPUTS.accountId);
const zoneId = ref(INPUTS.zoneId);

function blocks(model: Model): Block[] {
  const { hostname, zone, cloudflare } = model.config;
  const gateway = model.deployed.openclaw;
  const providerId = ref("data.cloudflare_access_identity_provider.github.id");
  const { include, require } = admission(cloudflare.access);
  return [
    resource("cloudflare_tunnel", "openclaw_tunnel", {
      accountId,
      name: "cloudflare openclaw tunnel",
      secret: ref(INPUTS.tunnelSecret),
    }),
    resource("cloudflare_record", "openclaw", {
      zoneId,
      name: hostname.slice(0, -(zone.length + 1)),
      type: "CNAME",
      content: ref("cloudflare_tunnel.openclaw_tunnel.cname"),
      proxied: true,
    }),
    resource("cloudflare_tunnel_config", "openclaw_tunnel", {
      accountId,
      tunnelId: ref(version.outputs.tunnelId),
      config: {
        ingressRule: [
          { hostname: ref(version.outputs.hostname), service: `http://${serviceHost(gateway)}:${gateway.port}` },
          // Cloudflare requires a last rule without a host name.
          { service: "http_status:404" },
        ],
      },
    }),
    data("cloudflare_access_identity_provider", "github", { zoneId, name: cloudflare.identityProvider }),
    resource("cloudflare_access_application", "openclaw", {
      zoneId,
      name: `Access application for ${hostname}`,
      domain: hostname,
      sessionDuration: cloudflare.sessionDuration,
      allowedIdps: [providerId],
      ...valuesOf(APPLICATION_SETTINGS),
    }, reasonsFor(APPLICATION_SETTINGS)),
    resource("cloudflare_access_policy", "openclaw_policy", {
      applicationId: ref("cloudflare_access_application.openclaw.id"),
      zoneId,
      name: `policy for ${hostname}`,
      precedence: 1,
      decision: "allow",
      include: include.map((rule) => toV4Rule(rule, providerId)),
      ...(require.length > 0 ? { require: require.map((rule) => toV4Rule(rule, providerId)) } : {}),
    }),
    ...(cloudflare.access.healthToken ? health(hostname) : []),
  ];
}

function toV4Rule(rule: AccessRule, identityProviderId: string): AccessPolicyInclude {
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

/** Returns the resources that allow a monitor to bypass the login for one path. */
function health(hostname: string): Block[] {
  return [
    resource("cloudflare_access_service_token", HEALTH, {
      accountId,
      name: `monitor of ${hostname}`,
      duration: HEALTH_TOKEN_DURATION,
    }),
    resource("cloudflare_access_application", HEALTH, {
      zoneId,
      name: `Access application for ${hostname}${HEALTH_PATH}`,
      domain: `${hostname}${HEALTH_PATH}`,
      ...valuesOf(HEALTH_SETTINGS),
    }, reasonsFor(HEALTH_SETTINGS)),
    resource("cloudflare_access_policy", `${HEALTH}_policy`, {
      applicationId: ref(`cloudflare_access_application.${HEALTH}.id`),
      zoneId,
      name: `policy for ${hostname}${HEALTH_PATH}`,
      precedence: 1,
      decision: "non_identity",
      include: [{ serviceToken: [ref(`cloudflare_access_service_token.${HEALTH}.id`)] }],
    }),
  ];
}
