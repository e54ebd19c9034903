/**
 * Support for tests of the data guard: a cluster with overlays/prod, the guarded data, and checks of deletions.
 *
 * @module
 */

import assert from "node:assert/strict";
import { tool } from "../tools.ts";
import type { Json } from "../support.ts";
import { argoCdTools, installArgoCd } from "./argocd.ts";
import { type Cluster, givenOr, startControlPlaneOnly } from "./cluster.ts";
import { until } from "./kubectl.ts";
import { externalSecretsCrds, installExternalSecretsCrds } from "./modules.ts";
import { clusterRuntime } from "./needs.ts";
import { startEmptyProvisioner, startProvisioner } from "./storage.ts";

/** The overlay. */
export const TREE = "kustomize/overlays/prod";
/** Name of the guard's policy and binding. */
export const GUARD = "openclaw-data-guard";
/** Kinds of the policy and the binding. */
export const POLICY = "ValidatingAdmissionPolicy";
export const BINDING = "ValidatingAdmissionPolicyBinding";
/** Arguments of kubectl for each guarded object. */
export const PVC = ["pvc", "openclaw-data", "--namespace=openclaw"];
/** The other claims of the gateway and the backup. */
export const OTHER_PVCS = ["openclaw-workspace", "openclaw-backups"].map((
  name,
) => ["pvc", name, "--namespace=openclaw"]);
export const SPEND_PVC = ["pvc", "litellm-spend", "--namespace=openclaw"];
export const NAMESPACE = ["namespace", "openclaw"];
/** The guard's message. */
export const REFUSED =
  /guards the data of \S+: to delete it on purpose, first annotate it with openclaw-pack\/allow-deletion=true/;

/** A cluster with the overlay, its Application, and a volume behind the claim. */
export interface Guarded extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Arguments of kubectl for the volume. */
  readonly pv: readonly string[];
  /** Throws unless claims, volume and namespace are the original ones and none is being deleted. */
  assertUnharmed(): Promise<void>;
}

/** Checks what the suites of overlays/prod need. */
export async function prodTools(): Promise<{ readonly ignore: boolean }> {
  return await tool("a Kubernetes API server with Argo CD's engine", async () => {
    await clusterRuntime();
    await argoCdTools();
    await externalSecretsCrds();
  });
}

/** Deploys the overlay on the given cluster or on a new control plane. No pod with a claim runs on either. */
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
  await untilGuarded(cluster);
  const before = await data(cluster, volume);
  const rest = stack.move();
  return {
    cluster,
    pv: ["persistentvolume", volume],
    assertUnharmed: async () => assert.deepEqual(await data(cluster, volume), before),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** Throws unless the guard refuses a kubectl command with its message. */
export async function assertRefused(cluster: Cluster, args: readonly string[], object?: Json): Promise<void> {
  const { code, stdout, stderr } = await cluster.kubectl(args, {
    timeoutMs: 20_000,
    ...(object === undefined ? {} : { stdin: JSON.stringify(object) }),
  });
  assert.notEqual(code, 0, `kubectl ${args.join(" ")}: ${stdout}`);
  assert.match(stderr, REFUSED);
}

/** Waits until claims and namespace cannot be deleted. The API server enforces a new policy after a moment. */
export async function untilGuarded(cluster: Cluster): Promise<void> {
  for (const target of [PVC, SPEND_PVC, NAMESPACE]) {
    await until("the guard", async () => {
      const { code, stderr } = await cluster.kubectl(["delete", ...target, "--dry-run=server"]);
      return code !== 0 && REFUSED.test(stderr);
    }, { timeoutMs: 15_000 });
  }
}

/** Waits until a deletion would be admitted. */
export async function untilAdmitted(cluster: Cluster, deletion: readonly string[]): Promise<void> {
  const { kubectl } = cluster;
  const isAdmitted = async () => (await kubectl([...deletion, "--dry-run=server"])).code === 0;
  await until(`kubectl ${deletion.join(" ")} to be admitted`, isAdmitted, { timeoutMs: 15_000 });
}

/** Waits until an object no longer exists. */
export async function untilDeleted(cluster: Cluster, ...target: string[]): Promise<void> {
  const isDeleted = async () => (await cluster.run(["get", ...target, "--ignore-not-found"])) === "";
  await until(`${target.join(" ")} to be deleted`, isDeleted, { timeoutMs: 30_000 });
}

/** Runs `kubectl patch` with a merge patch. */
export async function patch(cluster: Cluster, target: readonly string[], change: Json): Promise<void> {
  await cluster.run(["patch", ...target, "--type=merge", `--patch=${JSON.stringify(change)}`]);
}

/** Returns a changed copy of an object. */
export function changedBy(object: Json, change: (object: Json) => void): Json {
  const copy = structuredClone(object);
  change(copy);
  return copy;
}

/** Returns the identity and deletion state of the claims, the volume and the namespace. */
async function data(cluster: Cluster, volume: string): Promise<Json[]> {
  return await Promise.all(
    [PVC, SPEND_PVC, ...OTHER_PVCS, NAMESPACE, ["persistentvolume", volume]].map(async (target) => {
      const { metadata: { name, uid, deletionTimestamp }, status: { phase } } = await cluster.get(...target);
      return { name, uid, deletionTimestamp, phase };
    }),
  );
}
