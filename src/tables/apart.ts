/**
 * The two groups of workloads whose pods should not share a node: those that run the agent's commands, and those that hold keys
 * that the agent must never have. An attacker who controls a node can read the Secrets of its pods, and the docker daemon's
 * privilege is enough to control a node.
 *
 * @module
 */

import type { WorkloadName } from "./workloads.ts";

/** Workloads that run the agent's commands: the gateway (its docker daemon, elevated commands) and the ssh sandbox. */
export const AGENT_SIDE = ["openclaw", "sandbox"] as const satisfies readonly WorkloadName[];

/**
 * Workloads that hold a key the agent must never have: the model provider's, the tunnel's. The backup's key can only add
 * archives to a bucket.
 */
export const KEY_HOLDERS = ["litellm", "cloudflared"] as const satisfies readonly WorkloadName[];

/** Returns whether a workload belongs to one of the two groups. */
export function isOf(side: readonly WorkloadName[], name: WorkloadName): boolean {
  return side.includes(name);
}

/** Labels that every node has; they select a kind of node, not dedicated nodes. */
const KINDS = ["kubernetes.io/arch", "kubernetes.io/os"];

/** Returns the labels of `cluster.nodeSelector` that dedicate nodes to the gateway; empty if any node of its kind will do. */
export function ownNodeLabels(nodeSelector: Readonly<Record<string, string>>): [key: string, value: string][] {
  return Object.entries(nodeSelector).filter(([key]) => !KINDS.includes(key));
}
