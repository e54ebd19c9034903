/**
 * The suites of `deno task e2e`: every `*_test.ts` of tests/e2e, and which of them can judge a cluster that is not the
 * tests' own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** Suites that also take a cluster by `OPENCLAW_PACK_KUBECONFIG`, by name: `kind` is kind_test.ts. */
const ANYWHERE: readonly string[] = ["kind"];

/** What the others need that only the tests' own cluster has. */
const WHY: Readonly<Record<string, string>> = {
  apart: "it makes up nodes of its own",
  argocd: "it deletes production's data",
  cluster: "it judges the tests' own cluster",
  eso: "it starts the operator in the tests' own cluster",
  eso_ssm: "it starts the operator in the tests' own cluster",
  guard: "it deletes production's data",
  loss: "it kills the kubelet and fills disks",
  network: "it listens in the networks of pods, of the node and of the world",
  pod_security: "it asks a control plane without nodes",
  prod: "it asks a control plane without nodes",
  trial: "it lets pods fail in every way, and plays production",
  verify: "it plays production, by a data guard and a stand-in for cloudflared",
};
const OTHERWISE = "it makes a cluster of its own";

/** One of them. */
export interface Suite {
  readonly name: string;
  readonly path: string;
  /** Why it cannot run on a cluster that it is given. */
  readonly ownOnly: string | undefined;
}

/** All suites there are, sorted. */
export async function suites(): Promise<Suite[]> {
  const folder = fileURLToPath(new URL("../../e2e/", import.meta.url));
  const names = (await Array.fromAsync(Deno.readDir(folder))).flatMap((entry) =>
    /^(.+)_test\.ts$/.exec(entry.name)?.[1] ?? []
  );
  return names.toSorted().map((name) => ({
    name,
    path: `${folder}${name}_test.ts`,
    ownOnly: ANYWHERE.includes(name) ? undefined : WHY[name] ?? OTHERWISE,
  }));
}
