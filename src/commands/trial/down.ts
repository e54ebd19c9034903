/**
 * Deletes a trial from a cluster.
 *
 * @module
 */

import type { IPersistentVolume } from "kubernetes-models/v1/PersistentVolume";
import type { Kubectl } from "../../cluster/kubectl.ts";
import type { TrialOverlay } from "./overlay.ts";

/** The result of a deletion. */
export interface Deleted {
  /** What went wrong; undefined if the deletion succeeded. */
  readonly why?: string;
  /** Objects that still exist, such as `namespace/openclaw`. */
  readonly left: readonly string[];
}

/** Deletes an overlay's objects and waits until they no longer exist. */
export async function deleteOverlay(kubectl: Kubectl, overlay: TrialOverlay, timeout: number): Promise<Deleted> {
  const { code, stderr } = await kubectl.attempt([
    ...["delete", "-k", overlay.path, "--ignore-not-found", "--wait", `--timeout=${timeout}s`],
  ]);
  return { ...(code === 0 ? {} : { why: stderr.trim() }), left: await leftOf(kubectl, overlay) };
}

/**
 * Returns namespaces that still exist and volumes that were claimed from them, because a storage class may retain its volumes.
 */
async function leftOf(kubectl: Kubectl, { namespaces }: TrialOverlay): Promise<string[]> {
  const found = await kubectl.run(["get", "namespaces", ...namespaces, "--ignore-not-found", "-o", "name"]);
  const { code, stdout } = await kubectl.attempt(["get", "persistentvolumes", "-o", "json"]);
  const volumes = code === 0 ? (JSON.parse(stdout) as { items: IPersistentVolume[] }).items : [];
  return [
    ...found.split("\n").filter(Boolean),
    ...volumes.filter(({ spec }) => namespaces.includes(spec?.claimRef?.namespace ?? ""))
      .map(({ metadata }) => `persistentvolume/${metadata?.name}`),
  ];
}
