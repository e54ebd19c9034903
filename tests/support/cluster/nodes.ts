/**
 * Fake nodes for the real scheduler. They are only objects: pods that are bound to them never run and never end.
 *
 * @module
 */

import type { Json } from "../support.ts";
import { type Kubectl, listOf, until } from "./kubectl.ts";

/** A fake node. */
export interface FakeNode {
  readonly name: string;
  /** Labels in addition to those of every node. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
  /** Number of cores, each with 4 GiB of memory. The scheduler prefers the larger of two nodes. Default: 4. */
  readonly cores?: number;
}

/** Replaces all nodes with these, and waits until the scheduler may use them. */
export async function createNodes(cluster: Kubectl, nodes: readonly FakeNode[]): Promise<void> {
  await cluster.run(["delete", "nodes", "--all"]);
  await cluster.run(["create", "-f", "-"], { stdin: listOf(nodes.map(nodeObject)) });
  await until("the nodes", async () => {
    const { items } = await cluster.get("nodes");
    const keys = items.flatMap(({ spec }: Json) => spec.taints ?? []).map(({ key }: Json) => key as string);
    return keys.every((key: string) => !key.startsWith("node.kubernetes.io/"));
  });
}

function nodeObject({ name, labels = {}, taints = [], cores = 4 }: FakeNode): Json {
  const resources = { cpu: String(cores), memory: `${4 * cores}Gi`, "ephemeral-storage": "200Gi", pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", ...labels },
    },
    spec: { taints },
    status: {
      allocatable: resources,
      capacity: resources,
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "fake" }],
    },
  };
}

/** Returns the node of a pod, or the scheduler's reason why it has none. Undefined until the scheduler has tried. */
export function placementOf({ spec, status }: Json): string | undefined {
  const condition = (status.conditions ?? []).find(({ type }: Json) => type === "PodScheduled");
  return spec.nodeName ?? (condition?.status === "False" ? condition.message : undefined);
}
