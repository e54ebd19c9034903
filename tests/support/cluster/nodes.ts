/**
 * Nodes that are objects and nothing else, for the real scheduler to choose from: what it binds never runs, and never ends.
 *
 * @module
 */

import type { Json } from "../support.ts";
import { type Kubectl, listOf, until } from "./kubectl.ts";

/** A node to make up. */
export interface MadeNode {
  readonly name: string;
  /** Labels beside those that every node has. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
  /** Cores; 4 GiB of memory come with each. The scheduler leans to the larger of two nodes. Default 4. */
  readonly cores?: number;
}

/** Makes these the only nodes there are, and waits until the scheduler may use them. */
export async function makeNodes(cluster: Kubectl, nodes: readonly MadeNode[]): Promise<void> {
  await cluster.run(["delete", "nodes", "--all"]);
  await cluster.run(["create", "-f", "-"], { stdin: listOf(nodes.map(nodeObject)) });
  await until("the nodes", async () => {
    const { items } = await cluster.get("nodes");
    const keys = items.flatMap(({ spec }: Json) => spec.taints ?? []).map(({ key }: Json) => key as string);
    return keys.every((key: string) => !key.startsWith("node.kubernetes.io/"));
  });
}

function nodeObject({ name, labels = {}, taints = [], cores = 4 }: MadeNode): Json {
  const room = { cpu: String(cores), memory: `${4 * cores}Gi`, "ephemeral-storage": "200Gi", pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", ...labels },
    },
    spec: { taints },
    status: {
      allocatable: room,
      capacity: room,
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "made up" }],
    },
  };
}

/** Where a pod is bound to, or why the scheduler binds it nowhere. Undefined while it has not looked. */
export function placeOf({ spec, status }: Json): string | undefined {
  const condition = (status.conditions ?? []).find(({ type }: Json) => type === "PodScheduled");
  return spec.nodeName ?? (condition?.status === "False" ? condition.message : undefined);
}
