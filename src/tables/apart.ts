/**
 * Whose pods should share no node: those that run the agent's commands, and those that hold keys which the agent must never have.
 * An attacker who controls a node reads the Secrets of its pods, and the docker daemon's privilege is enough to control one.
 *
 * @module
 */

import type { WorkloadName } from "./workloads.ts";

/** Run what the agent is talked into: the gateway (its docker daemon, elevated commands) and the ssh sandbox. */
export const AGENT_SIDE = ["openclaw", "sandbox"] as const satisfies readonly WorkloadName[];

/** Hold a key that the agent must never have: the model provider's, the tunnel's. The backup's only adds archives to a bucket. */
export const KEY_HOLDERS = ["litellm", "cloudflared"] as const satisfies readonly WorkloadName[];

/** Whether a workload is of one of the two sides. */
export function isOf(side: readonly WorkloadName[], name: WorkloadName): boolean {
  return side.includes(name);
}

/** Kinds of nodes rather than nodes of somebody's own: every node has these labels. */
const KINDS = ["kubernetes.io/arch", "kubernetes.io/os"];

/** The labels of `cluster.nodeSelector` that set nodes aside for the gateway; empty when any node of its kind will do. */
export function ownNodeLabels(nodeSelector: Readonly<Record<string, string>>): [key: string, value: string][] {
  return Object.entries(nodeSelector).filter(([key]) => !KINDS.includes(key));
}
