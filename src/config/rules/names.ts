/**
 * Rules on names and folders that must not collide.
 *
 * @module
 */

import { AWS_TARGET } from "../../tables/targets.ts";
import type { ConfigFinding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

export function hostnameInZone({ hostname, zone }: PackConfig): ConfigFinding[] {
  if (hostname.endsWith(`.${zone}`)) return [];
  if (hostname === zone) {
    const message = "is the zone itself, whose DNS record belongs to another service; name a host in the zone";
    return [{ path: ["hostname"], message, suggestion: `openclaw.${zone}` }];
  }
  return [{
    path: ["hostname"],
    message: `"${hostname}" is outside the zone "${zone}", so its DNS record could not be created there`,
    suggestion: `${hostname.split(".")[0]}.${zone}`,
  }];
}

/**
 * Each namespace is given a policy that denies everything and a PodSecurity level, which would cause an outage in a namespace
 * that others use. The two namespaces differ, because a namespace has one level: in a shared one the sandbox would have the
 * gateway's.
 */
export function ownNamespaces({ argocd, cluster, flows, sandbox }: PackConfig): ConfigFinding[] {
  const taken = new Set(["default", argocd.namespace, ...flows.map(({ to }) => to.namespace)]);
  const names = { cluster: cluster.namespace, ...(sandbox.backend === "ssh" ? { sandbox: sandbox.namespace } : {}) };
  const findings = Object.entries(names).flatMap(([section, name]): ConfigFinding[] =>
    taken.has(name) || name.startsWith("kube-")
      ? [{
        path: [section, "namespace"],
        message:
          `other programs use the namespace "${name}", and the pack would block their connections; name a separate one`,
      }]
      : []
  );
  if (names.sandbox !== names.cluster) return findings;
  return [...findings, {
    path: ["sandbox", "namespace"],
    message: "the ssh sandbox needs a separate namespace; this one is cluster.namespace",
    suggestion: `${cluster.namespace}-sandbox`.slice(0, 63),
  }];
}

export function accessUsersNeedAccess({ gateway }: PackConfig): ConfigFinding[] {
  if (gateway.auth === "cloudflare-access" || gateway.accessUsers.length === 0) return [];
  return [{
    path: ["gateway", "accessUsers"],
    message: "has no effect: the gateway knows its users only with gateway.auth: cloudflare-access",
  }];
}

export function cloudflareDirectoryIsFree({ cloudflare }: PackConfig): ConfigFinding[] {
  if (cloudflare.directory === undefined) return [];
  const [directory, aws] = [`terraform/${cloudflare.directory}/`, `${AWS_TARGET}/`];
  if (!directory.startsWith(aws) && !aws.startsWith(directory)) return [];
  return [{
    path: ["cloudflare", "directory"],
    message: `is inside ${AWS_TARGET} or contains it; name another folder`,
  }];
}
