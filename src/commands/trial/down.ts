/**
 * Deletes a trial from a cluster.
 *
 * @module
 */

import type { IPersistentVolume } from "kubernetes-models/v1/PersistentVolume";
import type { Kubectl } from "../../cluster/kubectl.ts";
import { TRIAL_LABEL } from "../../tables/names.ts";
import type { TrialOverlay } from "./overlay.ts";
import { foreignObjects } from "./ownership.ts";

/** The result of a deletion. */
export interface Deleted {
  /** What went wrong; undefined if the deletion succeeded. */
  readonly why?: string;
  /** Objects that still exist, such as `namespace/openclaw`. */
  readonly left: readonly string[];
  /** Objects in the trial's namespaces that it did not create, and that keep their namespace. */
  readonly kept: readonly string[];
}

/**
 * Deletes what a trial created and waits until it no longer exists. A namespace that holds anything else stays, and so does what
 * it holds.
 */
export async function deleteOverlay(kubectl: Kubectl, overlay: TrialOverlay, timeout: number): Promise<Deleted> {
  const kept = await foreignObjects(kubectl, overlay.namespaces);
  const waiting = ["--ignore-not-found", "--wait", `--timeout=${timeout}s`];
  const commands = kept.length === 0
    ? [["delete", "-k", overlay.path, ...waiting]]
    : overlay.namespaces.map((namespace) => [
      ...["delete", CREATED, `--namespace=${namespace}`, `--selector=${TRIAL_LABEL}=true`, ...waiting],
    ]);
  const errors: string[] = [];
  for (const command of commands) {
    const { code, stderr } = await kubectl.attempt(command);
    if (code !== 0) errors.push(stderr.trim());
  }
  const left = kept.length === 0 ? await leftOf(kubectl, overlay) : [];
  return { ...(errors.length === 0 ? {} : { why: errors.join("\n") }), left, kept };
}

/** The kinds of what a trial creates in a namespace. */
const CREATED =
  "deployments,cronjobs,services,configmaps,secrets,networkpolicies,serviceaccounts,persistentvolumeclaims";

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
