/**
 * kubectl with an explicitly chosen cluster: a trial never uses the current context by default.
 *
 * @module
 */

import type { Outcome } from "./program.ts";
import { type Machine, runOrThrow, TrialFailed } from "./machine.ts";
import { readSnapshot, type Snapshot, SNAPSHOT_KINDS } from "./snapshot.ts";

/** One cluster. */
export interface Cluster {
  readonly context: string;
  /** Arguments that name it, for every call of kubectl. */
  readonly select: readonly string[];
  /** Runs kubectl with it. */
  run(args: readonly string[]): Promise<Outcome>;
  /** Runs kubectl and returns its standard output. @throws {TrialFailed} if kubectl fails, with its message */
  runOrThrow(args: readonly string[]): Promise<string>;
}

/** A cluster by its context. @throws {TrialFailed} with the contexts that there are, when it is none of them */
export async function clusterOf(machine: Machine, context: string, advice?: string): Promise<Cluster> {
  const known = (await runOrThrow(machine, "kubectl", ["config", "get-contexts", "-o", "name"])).split("\n").filter(
    Boolean,
  );
  if (!known.includes(context)) {
    const there = known.length === 0 ? "the kubeconfig has none" : `expected one of: ${known.join(", ")}`;
    throw new TrialFailed([`no context ${context} in the kubeconfig; ${there}`, advice].filter(Boolean).join("\n"));
  }
  const select = ["--context", context];
  return {
    context,
    select,
    run: (args) => machine.run("kubectl", [...select, ...args]),
    runOrThrow: (args) => runOrThrow(machine, "kubectl", [...select, ...args]),
  };
}

/** What the cluster says about these namespaces now. @throws {TrialFailed} if it does not answer */
export async function takeSnapshot(cluster: Cluster, namespaces: readonly string[]): Promise<Snapshot> {
  const ask = (namespace: string) =>
    cluster.runOrThrow(["--request-timeout=10s", "-n", namespace, "get", SNAPSHOT_KINDS, "-o", "json"]);
  return readSnapshot(await Promise.all(namespaces.map(ask)));
}
