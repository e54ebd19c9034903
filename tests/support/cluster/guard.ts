/**
 * The data guard as tests meet it: a cluster with overlays/prod, what must not be lost, and who may delete what.
 *
 * @module
 */

import assert from "node:assert/strict";
import { tool } from "../tools.ts";
import type { Json } from "../support.ts";
import { argoCdParts, installArgoCd } from "./argocd.ts";
import { type Cluster, givenOr, startControlPlaneOnly } from "./cluster.ts";
import { until } from "./kubectl.ts";
import { externalSecretsCrds, installExternalSecretsCrds } from "./modules.ts";
import { clusterRuntime } from "./needs.ts";
import { startEmptyProvisioner, startProvisioner } from "./storage.ts";

/** The overlay. */
export const TREE = "kustomize/overlays/prod";
/** Name of the guard's policy and binding. */
export const GUARD = "openclaw-data-guard";
/** The kinds of the two. */
export const POLICY = "ValidatingAdmissionPolicy";
export const BINDING = "ValidatingAdmissionPolicyBinding";
/** What is guarded, as kubectl is told of it. */
export const PVC = ["pvc", "openclaw-data", "--namespace=openclaw"];
export const SPEND_PVC = ["pvc", "litellm-spend", "--namespace=openclaw"];
export const NAMESPACE = ["namespace", "openclaw"];
/** What the guard says. */
export const REFUSED =
  /guards the data of \S+: to delete it on purpose, first annotate it with openclaw-pack\/allow-deletion=true/;

/** A cluster with the overlay, its Application, and a volume behind the claim. */
export interface Guarded extends AsyncDisposable {
  readonly cluster: Cluster;
  /** The volume, as kubectl is told of it. */
  readonly pv: readonly string[];
  /** Throws unless claim, volume and namespace are those of the beginning, and none is being deleted. */
  unharmed(): Promise<void>;
}

/** What the suites of overlays/prod need. */
export async function prodParts(): Promise<{ readonly ignore: boolean }> {
  return await tool("a Kubernetes API server with Argo CD's engine", async () => {
    await clusterRuntime();
    await argoCdParts();
    await externalSecretsCrds();
  });
}

/** Deploys all of it on the given cluster, or on a control plane that it starts. No pod with a claim runs on either. */
export async function startGuarded(): Promise<Guarded> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await givenOr(startControlPlaneOnly));
  await installExternalSecretsCrds(cluster);
  await installArgoCd(cluster);
  const { own } = cluster;
  stack.use(
    await (own === undefined ? startEmptyProvisioner(cluster, ["longhorn"]) : startProvisioner(own.machine, own)),
  );
  await cluster.apply(TREE);
  await cluster.apply(`${TREE}/application.yaml`);
  const volume = await until("the volume", async () => {
    const { status, spec } = await cluster.get(...PVC);
    const { status: spend } = await cluster.get(...SPEND_PVC);
    return status.phase === "Bound" && spend.phase === "Bound" && spec.volumeName as string;
  });
  await guards(cluster);
  const before = await data(cluster, volume);
  const rest = stack.move();
  return {
    cluster,
    pv: ["persistentvolume", volume],
    unharmed: async () => assert.deepEqual(await data(cluster, volume), before),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** Throws unless kubectl is refused by the guard, which tells what to do. */
export async function refused(cluster: Cluster, args: readonly string[], object?: Json): Promise<void> {
  const { code, stdout, stderr } = await cluster.kubectl(args, {
    timeoutMs: 20_000,
    ...(object === undefined ? {} : { stdin: JSON.stringify(object) }),
  });
  assert.notEqual(code, 0, `kubectl ${args.join(" ")}: ${stdout}`);
  assert.match(stderr, REFUSED);
}

/** Waits until claim and namespace can't be deleted: the API server learns of a policy a moment after it is made. */
export async function guards(cluster: Cluster): Promise<void> {
  for (const target of [PVC, SPEND_PVC, NAMESPACE]) {
    await until("the guard", async () => {
      const { code, stderr } = await cluster.kubectl(["delete", ...target, "--dry-run=server"]);
      return code !== 0 && REFUSED.test(stderr);
    }, { timeoutMs: 15_000 });
  }
}

/** Waits until a deletion would go through. */
export async function lets(cluster: Cluster, deletion: readonly string[]): Promise<void> {
  const { kubectl } = cluster;
  const through = async () => (await kubectl([...deletion, "--dry-run=server"])).code === 0;
  await until(`kubectl ${deletion.join(" ")} to go through`, through, { timeoutMs: 15_000 });
}

/** Waits until there is no such object. */
export async function gone(cluster: Cluster, ...target: string[]): Promise<void> {
  const found = async () => (await cluster.run(["get", ...target, "--ignore-not-found"])) === "";
  await until(`the end of ${target.join(" ")}`, found, { timeoutMs: 30_000 });
}

/** `kubectl patch` with a merge patch. */
export async function patch(cluster: Cluster, target: readonly string[], change: Json): Promise<void> {
  await cluster.run(["patch", ...target, "--type=merge", `--patch=${JSON.stringify(change)}`]);
}

/** A copy with a change. */
export function changedBy(object: Json, change: (object: Json) => void): Json {
  const copy = structuredClone(object);
  change(copy);
  return copy;
}

/** What must stay as it is: the same claims, volume and namespace, none of them being deleted. */
async function data(cluster: Cluster, volume: string): Promise<Json[]> {
  return await Promise.all([PVC, SPEND_PVC, NAMESPACE, ["persistentvolume", volume]].map(async (target) => {
    const { metadata: { name, uid, deletionTimestamp }, status: { phase } } = await cluster.get(...target);
    return { name, uid, deletionTimestamp, phase };
  }));
}
