/**
 * Rules on names and places that must not collide.
 *
 * @module
 */

import { AWS_TARGET } from "../../tables/targets.ts";
import type { Finding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

export function hostnameInZone({ hostname, zone }: PackConfig): Finding[] {
  if (hostname.endsWith(`.${zone}`)) return [];
  if (hostname === zone) {
    const message = "is the zone itself, whose record is somebody else's; name a host in it";
    return [{ path: ["hostname"], message, suggestion: `openclaw.${zone}` }];
  }
  return [{
    path: ["hostname"],
    message: `"${hostname}" is outside the zone "${zone}", so its DNS record could not be made there`,
    suggestion: `${hostname.split(".")[0]}.${zone}`,
  }];
}

/**
 * The namespaces get a policy that refuses everything and a PodSecurity level: in one that is somebody else's, that would be an
 * outage of theirs. The two differ, because a namespace has one level, and sharing it would put the sandbox under the gateway's.
 */
export function namespacesOfItsOwn({ argocd, cluster, flows, sandbox }: PackConfig): Finding[] {
  const taken = new Set(["default", argocd.namespace, ...flows.map(({ to }) => to.namespace)]);
  const names = { cluster: cluster.namespace, ...(sandbox.backend === "ssh" ? { sandbox: sandbox.namespace } : {}) };
  const theirs = Object.entries(names).flatMap(([section, name]): Finding[] =>
    taken.has(name) || name.startsWith("kube-")
      ? [{
        path: [section, "namespace"],
        message: `"${name}" is somebody else's namespace, where everything would be refused; name one of its own`,
      }]
      : []
  );
  if (names.sandbox !== names.cluster) return theirs;
  return [...theirs, {
    path: ["sandbox", "namespace"],
    message: "the ssh sandbox needs a namespace of its own, other than cluster.namespace",
    suggestion: `${cluster.namespace}-sandbox`.slice(0, 63),
  }];
}

export function accessUsersNeedAccess({ gateway }: PackConfig): Finding[] {
  if (gateway.auth === "cloudflare-access" || gateway.accessUsers.length === 0) return [];
  return [{
    path: ["gateway", "accessUsers"],
    message: "would have no effect: the gateway knows its users only with gateway.auth: cloudflare-access",
  }];
}

export function cloudflareDirectoryIsFree({ cloudflare }: PackConfig): Finding[] {
  if (cloudflare.directory === undefined) return [];
  const [mine, theirs] = [`terraform/${cloudflare.directory}/`, `${AWS_TARGET}/`];
  if (!mine.startsWith(theirs) && !theirs.startsWith(mine)) return [];
  return [{ path: ["cloudflare", "directory"], message: `lies in ${AWS_TARGET} or around it; name another folder` }];
}
