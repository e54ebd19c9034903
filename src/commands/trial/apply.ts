/**
 * Puts an overlay into a cluster.
 *
 * @module
 */

import type { Cluster } from "../../cluster/context.ts";
import type { Overlay } from "./overlay.ts";

/** What an overlay changed. */
export interface Applied {
  /** How many objects are there now, and how many of them were made or changed. */
  readonly objects: number;
  readonly changed: number;
  /** Deployments that were started anew since a Secret that they read has changed. */
  readonly restarted: readonly string[];
}

/**
 * Applies an overlay. A pod takes its secrets at its start, so that one whose Secret has another value now is started anew; the
 * versions of the Secrets tell, and no value is looked at.
 *
 * @throws {TrialFailed}
 */
export async function applyOverlay(cluster: Cluster, overlay: Overlay): Promise<Applied> {
  const before = await secretVersions(cluster, overlay);
  const lines = (await cluster.must(["apply", "-k", overlay.path])).trim().split("\n");
  const after = await secretVersions(cluster, overlay);
  // kubectl calls every Secret with stringData "configured".
  const changed = [...after].filter(([secret, version]) => before.get(secret) !== version).map(([secret]) => secret);
  const stale = new Map(
    overlay.secrets
      .filter(({ secret }) => before.has(secret) && changed.includes(secret))
      .map(({ workload }) => [`${workload.namespace}/${workload.name}`, workload]),
  );
  for (const { namespace, name } of stale.values()) {
    await cluster.must(["-n", namespace, "rollout", "restart", "deployment", name]);
  }
  return {
    objects: lines.length,
    changed: lines.filter((line) => !line.endsWith(" unchanged") && !line.startsWith("secret/")).length +
      changed.length,
    restarted: [...stale.values()].map(({ name }) => name),
  };
}

async function secretVersions(cluster: Cluster, { namespaces }: Overlay): Promise<Map<string, string>> {
  const columns = "custom-columns=:.metadata.namespace,:.metadata.name,:.metadata.resourceVersion";
  const lists = await Promise.all(
    namespaces.map((namespace) => cluster.must(["-n", namespace, "get", "secrets", "--no-headers", "-o", columns])),
  );
  return new Map(
    lists.flatMap((list) => list.split("\n")).filter(Boolean).map((line) => {
      const [namespace, name, version = ""] = line.trim().split(/\s+/);
      return [`${namespace}/${name}`, version];
    }),
  );
}
