/**
 * Applies an overlay to a cluster.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { TrialFailed } from "./failed.ts";
import type { TrialOverlay } from "./overlay.ts";

/** The result of applying an overlay. */
export interface Applied {
  /** How many objects exist now. */
  readonly objects: number;
  /** How many of them were created or configured. */
  readonly changed: number;
  /** Deployments that were restarted because one of their Secrets changed. */
  readonly restarted: readonly string[];
}

/**
 * Applies an overlay, and restarts the pods whose Secrets changed, because a pod reads its secrets only when it starts.
 * Compares the versions of the Secrets and reads no values.
 *
 * @throws {TrialFailed} if kubectl fails
 */
export async function applyOverlay(kubectl: Kubectl, overlay: TrialOverlay): Promise<Applied> {
  const before = await secretVersions(kubectl, overlay);
  const lines = (await apply(kubectl, overlay.path)).trim().split("\n");
  const after = await secretVersions(kubectl, overlay);
  // kubectl reports every Secret with stringData as "configured".
  const changed = [...after].filter(([secret, version]) => before.get(secret) !== version).map(([secret]) => secret);
  const stale = new Map(
    overlay.secrets
      .filter(({ secret }) => before.has(secret) && changed.includes(secret))
      .map(({ workload }) => [`${workload.namespace}/${workload.name}`, workload]),
  );
  for (const { namespace, name } of stale.values()) {
    await kubectl.run(["rollout", "restart", "deployment", name, `--namespace=${namespace}`]);
  }
  return {
    objects: lines.length,
    changed: lines.filter((line) => !line.endsWith(" unchanged") && !line.startsWith("secret/")).length +
      changed.length,
    restarted: [...stale.values()].map(({ name }) => name),
  };
}

async function apply(kubectl: Kubectl, path: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl.attempt(["apply", "-k", path]);
  if (code === 0) return stdout;
  // The API server repeats this message for each object.
  const [, namespace] =
    stderr.match(/unable to create new content in namespace (\S+) because it is being terminated/) ?? [];
  throw new TrialFailed(
    namespace === undefined
      ? `kubectl failed: ${stderr.trim() || stdout.trim() || `exit status ${code}, no output`}`
      : `namespace ${namespace} is still being deleted; wait for it, then run deno task trial up again:\n` +
        `  kubectl --context ${kubectl.context} wait --for=delete namespace/${namespace} --timeout=5m`,
  );
}

async function secretVersions(kubectl: Kubectl, { namespaces }: TrialOverlay): Promise<Map<string, string>> {
  const columns = "custom-columns=:.metadata.namespace,:.metadata.name,:.metadata.resourceVersion";
  const lists = await Promise.all(
    namespaces.map((namespace) =>
      kubectl.run(["get", "secrets", `--namespace=${namespace}`, "--no-headers", `--output=${columns}`])
    ),
  );
  return new Map(
    lists.flatMap((list) => list.split("\n")).filter(Boolean).map((line) => {
      const [namespace, name, version = ""] = line.trim().split(/\s+/);
      return [`${namespace}/${name}`, version];
    }),
  );
}
