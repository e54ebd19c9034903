/**
 * Lists everything in a cluster, to compare before and after.
 *
 * @module
 */

import type { Kubectl } from "./kubectl.ts";

/** Kinds of objects that appear and disappear on their own. */
const TRANSIENT = new Set(["Event", "Lease", "PodMetrics", "NodeMetrics"]);

/** Returns every object of every kind, as `Kind namespace name`, sorted. */
export async function everything(cluster: Kubectl): Promise<string[]> {
  const kinds = (await cluster.run(["api-resources", "--verbs=list,delete", "--output=name"])).trim().split("\n");
  const { items } = await cluster.get(kinds.join(","), "--all-namespaces");
  type Item = { kind: string; metadata: { name: string; namespace?: string } };
  const lines = (items as Item[])
    .filter(({ kind }) => !TRANSIENT.has(kind))
    .map(({ kind, metadata: { namespace = "-", name } }) => `${kind} ${namespace} ${name}`);
  return [...new Set(lines)].toSorted();
}

/** Returns the lines of the second list that are not in the first. */
export function added(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((line) => !before.includes(line));
}
