/**
 * A cluster for a suite: the one that `deno task e2e --context` was given, or the tests' own.
 *
 * The tests' own is a Kubernetes of one node: real Kubernetes, etcd, containerd, CoreDNS and enforced NetworkPolicies, in namespaces of its
 * own, on a machine that needs neither Docker nor a registry. Nothing of it outlives the test process. Not covered: IPv6, more
 * than one node, cloud providers, real storage (see storage.ts), real images (see images.ts).
 *
 * @example
 * ```ts ignore
 * const runtime = await part("a Kubernetes node", clusterRuntime);
 * Deno.test({ name: "...", ignore: runtime.ignore, fn: async () => {
 *   await using cluster = await givenOr(startCluster);
 *   const objects = objectsOf(await cluster.run(["kustomize", "kustomize/overlays/kind"]));
 *   await cluster.addImages(imagesOf(objects));
 *   await cluster.apply("kustomize/overlays/kind");
 * } });
 * ```
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Image } from "../runtime/images.ts";
import { type ControlPlaneOptions, startControlPlane } from "./control_plane.ts";
import { givenKubeconfig } from "./given.ts";
import { addImages, CLUSTER_IMAGES } from "./images.ts";
import { type Kubectl, kubectlWith } from "./kubectl.ts";
import { type Machine, startMachine } from "./machine.ts";
import { type Kubelet, startContainerd, startNode } from "./node.ts";
import { API_PORT, CONTEXT, kubeconfig } from "./pki.ts";
import { passGate, startPolicyEngine } from "./policy.ts";
import { OWN_NETWORK, type Relay, relay } from "./relay.ts";
import { CLASSES, startProvisioner } from "./storage.ts";

/** An address in the cluster's world: public, and of nobody. Behind it is what a test puts there. */
export const WORLD_ADDRESS = "203.0.113.10";

/** A cluster that runs a suite: what every cluster offers, and what only the tests' own one does. */
export interface Cluster extends Kubectl, AsyncDisposable {
  /** The kubeconfig's context. */
  readonly context: string;
  /** The tests' own cluster, with its host and its internet. Undefined if the suite runs on a given one. */
  readonly own: OwnCluster | undefined;
  /** Adds images to the node, `made` by the test itself or built here. A given cluster pulls the published ones. */
  addImages(references: readonly string[], made?: Readonly<Record<string, Image>>): Promise<void>;
}

/** The tests' own cluster. */
export interface OwnCluster extends Cluster {
  readonly own: OwnCluster;
  readonly machine: Machine;
  /** Has a port of the world lead to one of the test process's own loopback. */
  serveWorld(port: number, own: number): Promise<Relay>;
  /** A port of the test process's loopback that leads to an address of the cluster: a Service's or a pod's. */
  forward(target: string): Promise<Relay>;
}

/** One with a node. */
export interface NodeCluster extends OwnCluster {
  readonly kubelet: Kubelet;
}

/** The cluster that `deno task e2e --context` was given, or else the tests' own, which `start` starts. */
export async function givenOr(start: () => Promise<OwnCluster>): Promise<Cluster> {
  return givenKubeconfig() === undefined ? await start() : await givenCluster();
}

async function givenCluster(): Promise<Cluster> {
  const kubectl = kubectlWith(givenKubeconfig() ?? "");
  return {
    ...kubectl,
    context: (await kubectl.run(["config", "current-context"])).trim(),
    own: undefined,
    addImages: () => Promise.resolve(),
    // What the suite has created there is deleted by who was given the cluster (run_given.ts).
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A step that needs the tests' own cluster: on a given one it is skipped, with the reason. */
export async function ownStep(
  t: Deno.TestContext,
  { own }: Cluster,
  name: string,
  reason: string,
  fn: (own: OwnCluster) => Promise<void>,
): Promise<void> {
  if (own === undefined) console.error(`*** SKIPPED on a given cluster: ${name} (${reason})`);
  await t.step({ name, ignore: own === undefined, fn: async () => own && await fn(own) });
}

/**
 * Starts a cluster with a node. Without `policies` nothing enforces NetworkPolicies; `classes` are the storage classes, by
 * default all of storage.ts.
 */
export async function startCluster(
  { policies = true, classes = CLASSES }: { readonly policies?: boolean; readonly classes?: readonly string[] } = {},
): Promise<NodeCluster> {
  return await start({ scheduler: true, kubelets: true }, async (machine, kubectl, stack) => {
    await startContainerd(machine);
    const [kubelet] = await Promise.all([startNode(machine, kubectl), addImages(machine, CLUSTER_IMAGES)]);
    stack.use(await startProvisioner(machine, kubectl, classes));
    await kubectl.apply(fileURLToPath(new URL("./config/coredns.yaml", import.meta.url)));
    if (policies) await startPolicyEngine(machine);
    await kubectl.run(["rollout", "status", "--namespace=kube-system", "deployment/coredns", "--timeout=60s"]);
    if (policies) await passGate(machine, kubectl);
    return { kubelet };
  });
}

/**
 * Starts only what answers to kubectl: enough for schemas, admission and controllers, without any pod that runs. With the scheduler
 * pods are bound to the nodes that a test makes as objects.
 */
export async function startControlPlaneOnly({ scheduler = false } = {}): Promise<OwnCluster> {
  return await start({ scheduler, kubelets: false }, () => Promise.resolve({}));
}

/** `rest` starts what else there is, and gives what a test has of it. */
async function start<T extends object>(
  options: ControlPlaneOptions,
  rest: (machine: Machine, kubectl: Kubectl, stack: AsyncDisposableStack) => Promise<T>,
): Promise<OwnCluster & T> {
  const stack = new AsyncDisposableStack();
  try {
    const machine = stack.use(await startMachine());
    const network = `/proc/${machine.pid}/ns/net`;
    const forward = async (target: string) =>
      stack.use(await relay({ from: OWN_NETWORK, listen: "127.0.0.1:0", to: network, target }));
    const connect = async () => {
      const { address } = await forward(`127.0.0.1:${API_PORT}`);
      const path = join(machine.folder, "admin.kubeconfig");
      await Deno.writeTextFile(path, kubeconfig(`https://${address}`, join(machine.folder, "pki"), "admin"), {
        mode: 0o600,
      });
      return kubectlWith(path);
    };
    const kubectl = await startControlPlane(machine, options, connect);
    const more = await rest(machine, kubectl, stack);
    const cluster: OwnCluster & T = {
      ...more,
      ...kubectl,
      context: CONTEXT,
      get own() {
        return cluster;
      },
      machine,
      forward,
      addImages: (references, made) => addImages(machine, references, made),
      serveWorld: async (port, own) =>
        stack.use(
          await relay({
            from: `/proc/${machine.pid}/root/run/netns/world`,
            listen: `${WORLD_ADDRESS}:${port}`,
            to: OWN_NETWORK,
            target: `127.0.0.1:${own}`,
          }),
        ),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
    return cluster;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
