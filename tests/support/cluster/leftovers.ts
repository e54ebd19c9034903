/**
 * Everything that a cluster holds, to compare before and after.
 *
 * @module
 */

import type { Kubectl } from "./kubectl.ts";

/** What comes and goes by itself. */
const FLEETING = new Set(["Event", "Lease", "PodMetrics", "NodeMetrics"]);

/** Every object of every kind, as `Kind namespace name`, sorted. */
export async function everything(cluster: Kubectl): Promise<string[]> {
  const kinds = (await cluster.run(["api-resources", "--verbs=list,delete", "--output=name"])).trim().split("\n");
  const { items } = await cluster.get(kinds.join(","), "--all-namespaces");
  type Item = { kind: string; metadata: { name: string; namespace?: string } };
  const lines = (items as Item[])
    .filter(({ kind }) => !FLEETING.has(kind))
    .map(({ kind, metadata: { namespace = "-", name } }) => `${kind} ${namespace} ${name}`);
  return [...new Set(lines)].toSorted();
}

/** What of one list is not in the other. */
export function added(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((line) => !before.includes(line));
}
