/**
 * Version 5 of the Cloudflare provider (requirement A7), with the moves that a live state of version 4 needs: the record, the
 * tunnel and the Access application keep their names and are moved, not recreated. Only the policy cannot move, because it
 * belongs to the application in version 4 and to the account in version 5: tfmigrate removes the old one from the state without
 * deleting it, Terraform creates a new one, and the application, which now names its policies itself, drops the old one. A
 * `removed` block is not enough: Terraform cannot read a state with a resource whose type its provider no longer has (tested
 * with the real core). The other directories of arch were migrated the same way.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import type { Model } from "../../model/model.ts";
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
import { bindings, type ZeroTrustAccessPolicyInclude } from "./bindings_v5.ts";
import { type Block, data, type Moved, ref, resource } from "./blocks.ts";
import { INPUTS, type Version } from "./cloudflare_version.ts";

/** Types of version 4, the corresponding types of version 5, and the names that are moved. */
const MOVED = [
  ["cloudflare_record", "cloudflare_dns_record", ["openclaw"]],
  ["cloudflare_tunnel", "cloudflare_zero_trust_tunnel_cloudflared", ["openclaw_tunnel"]],
  ["cloudflare_tunnel_config", "cloudflare_zero_trust_tunnel_cloudflared_config", ["openclaw_tunnel"]],
  ["cloudflare_access_application", "cloudflare_zero_trust_access_application", ["openclaw", HEALTH]],
  ["cloudflare_access_service_token", "cloudflare_zero_trust_access_service_token", [HEALTH]],
] as const;

/**
 * Returns the migration that removes the old policies from the state. Its name is fixed, because tfmigrate applies each file
 * once and remembers it by name.
 */
function forgetPolicies({ cloudflare }: PackConfig): OutputFile {
  const policies = ["openclaw_policy", ...(cloudflare.access.healthToken ? [`${HEALTH}_policy`] : [])];
  const actions = policies.map((name) => `    "rm cloudflare_access_policy.${name}",\n`);
  return {
    path: "tfmigrate/20260101000000_forget_access_policy.hcl",
    text: `# ${HEADER}

migration "state" "forget_access_policy" {
  # The next plan creates the policies of version 5 instead.
  force = true
  actions = [
${actions.join("")}  ]
}
`,
  };
}

/** The version for cloudflare.ts. */
export const version: Version = {
  bindings,
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
  // Moves between types require 1.8.
  terraform: "1.8",
  files: (config) => [forgetPolicies(config)],
  blocks,
  moved: movedResources,
  outputs: {
    hostname: "cloudflare_dns_record.openclaw.name",
    tunnelId: "cloudflare_zero_trust_tunnel_cloudflared.openclaw_tunnel.id",
    tunnelToken: "data.cloudflare_zero_trust_tunnel_cloudflared_token.openclaw_tunnel.token",
  },
  health: {
    clientId: `cloudflare_zero_trust_access_service_token.${HEALTH}.client_id`,
    clientSecret: `cloudflare_zero_trust_access_service_token.${HEALTH}.client_secret`,
  },
};

const accountId = ref(INPUTS.accountId);
const zoneId = ref(INPUTS.zoneId);

function movedResources({ cloudflare }: PackConfig): Moved[] {
  return MOVED.flatMap(([from, to, names]) =>
    names.filter((name) => cloudflare.access.healthToken || name !== HEALTH)
      .map((name) => ({ from: `${from}.${name}`, to: `${to}.${name}` }))
  );
}

function blocks(model: Model): Block[] {
  const { hostname, cloudflare } = model.config;
  const gateway = model.deployed.openclaw;
  const tunnelId = ref(version.outputs.tunnelId);
  const providers = "data.cloudflare_zero_trust_access_identity_providers.github";
  const providerId = ref("local.identity_provider_id");
  const { include, require } = admission(cloudflare.access);
  return [
    resource("cloudflare_zero_trust_tunnel_cloudflared", "openclaw_tunnel", {
      accountId,
      name: "cloudflare openclaw tunnel",
      tunnelSecret: ref(INPUTS.tunnelSecret),
    }),
    resource("cloudflare_dns_record", "openclaw", {
      zoneId,
      name: hostname,
      type: "CNAME",
      // Version 5 has no attribute for this name.
      content: `${tunnelId}.cfargotunnel.com`,
      proxied: true,
      // 1 means automatic, which a proxied record requires.
      ttl: 1,
    }),
    resource("cloudflare_zero_trust_tunnel_cloudflared_config", "openclaw_tunnel", {
      accountId,
      tunnelId,
      config: {
        ingress: [
          { hostname, service: `http://${serviceHost(gateway)}:${gateway.port}` },
          // Cloudflare requires a last rule without a host name.
          { service: "http_status:404" },
        ],
      },
    }),
    data("cloudflare_zero_trust_tunnel_cloudflared_token", "openclaw_tunnel", { accountId, tunnelId }),
    data("cloudflare_zero_trust_access_identity_providers", "github", { accountId }),
    { kind: "local", name: "identity_provider_id", expression: idByName(providers, cloudflare.identityProvider) },
    resource("cloudflare_zero_trust_access_policy", "openclaw_policy", {
      accountId,
      name: `policy for ${hostname}`,
      decision: "allow",
      include: include.map((rule) => toV5Rule(rule, providerId)),
      ...(require.length > 0 ? { require: require.map((rule) => toV5Rule(rule, providerId)) } : {}),
    }),
    resource("cloudflare_zero_trust_access_application", "openclaw", {
      zoneId,
      name: `Access application for ${hostname}`,
      type: "self_hosted",
      domain: hostname,
      sessionDuration: cloudflare.sessionDuration,
      allowedIdps: [providerId],
      ...valuesOf(APPLICATION_SETTINGS),
      policies: [{ id: ref("cloudflare_zero_trust_access_policy.openclaw_policy.id"), precedence: 1 }],
    }, reasonsFor(APPLICATION_SETTINGS)),
    ...(cloudflare.access.healthToken ? health(hostname) : []),
  ];
}

function toV5Rule(rule: AccessRule, identityProviderId: string): ZeroTrustAccessPolicyInclude {
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

/** Returns the resources that allow a monitor to bypass the login for one path. */
function health(hostname: string): Block[] {
  return [
    resource("cloudflare_zero_trust_access_service_token", HEALTH, {
      accountId,
      name: `monitor of ${hostname}`,
      duration: HEALTH_TOKEN_DURATION,
    }),
    resource("cloudflare_zero_trust_access_policy", `${HEALTH}_policy`, {
      accountId,
      name: `policy for ${hostname}${HEALTH_PATH}`,
      decision: "non_identity",
      include: [{ serviceToken: { tokenId: ref(`cloudflare_zero_trust_access_service_token.${HEALTH}.id`) } }],
    }),
    resource("cloudflare_zero_trust_access_application", HEALTH, {
      zoneId,
      name: `Access application for ${hostname}${HEALTH_PATH}`,
      type: "self_hosted",
      domain: `${hostname}${HEALTH_PATH}`,
      ...valuesOf(HEALTH_SETTINGS),
      policies: [{ id: ref(`cloudflare_zero_trust_access_policy.${HEALTH}_policy.id`), precedence: 1 }],
    }, reasonsFor(HEALTH_SETTINGS)),
  ];
}

/**
 * Returns an expression for an ID by name, because the provider's own lookup accepts no name. If the name does not exist, the
 * plan fails at the index.
 */
function idByName(data: string, name: string): string {
  return `\${[for p in ${data}.result : p.id if p.name == ${JSON.stringify(name)}][0]}`;
}
