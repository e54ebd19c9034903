/**
 * A cluster for a suite: the given one of `deno task e2e --context`, or the tests' own.
 *
 * The tests' own cluster has one node with real Kubernetes, etcd, containerd, CoreDNS and enforced NetworkPolicies. It runs in
 * its own namespaces, and needs neither Docker nor a registry. Nothing of it outlives the test process. It does not cover IPv6,
 * several nodes, cloud providers, real storage (see storage.ts) or real images (see images.ts).
 *
 * @example
 * ```ts ignore
 * const runtime = await tool("a Kubernetes node", clusterRuntime);
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

/** A public address outside the cluster, reserved for documentation. Tests decide what listens on it. */
export const WORLD_ADDRESS = "203.0.113.10";

/** A cluster that runs a suite. It has what every cluster offers, and `own` for what only the tests' own one offers. */
export interface Cluster extends Kubectl, AsyncDisposable {
  /** The kubeconfig's context. */
  readonly context: string;
  /** The tests' own cluster, with its host and its internet. Undefined if the suite runs on a given cluster. */
  readonly own: OwnCluster | undefined;
  /** Adds images to the node, either `prebuilt` by the test or built here. A given cluster pulls the published ones. */
  addImages(references: readonly string[], prebuilt?: Readonly<Record<string, Image>>): Promise<void>;
}

/** The tests' own cluster. */
export interface OwnCluster extends Cluster {
  readonly own: OwnCluster;
  readonly machine: Machine;
  /** Forwards a port of the internet's address to a port on the test process's loopback. */
  serveWorld(port: number, own: number): Promise<Relay>;
  /** Forwards a port on the test process's loopback to the address of a Service or a pod. */
  forward(target: string): Promise<Relay>;
}

/** The tests' own cluster with a node. */
export interface NodeCluster extends OwnCluster {
  readonly kubelet: Kubelet;
}

/** Returns the given cluster of `deno task e2e --context`. If there is none, starts the tests' own with `start`. */
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
    // run_suites.ts deletes what the suite created.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Runs a step that needs the tests' own cluster. On a given cluster it is skipped with the reason. */
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
 * Starts a cluster with a node. Without `policies`, nothing enforces NetworkPolicies. `classes` are the storage classes; the
 * default is all of storage.ts.
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
 * Starts a control plane without a node. It covers schemas, admission and controllers, but runs no pods. With the scheduler,
 * pods are bound to nodes that a test creates as objects.
 */
export async function startControlPlaneOnly({ scheduler = false } = {}): Promise<OwnCluster> {
  return await start({ scheduler, kubelets: false }, () => Promise.resolve({}));
}

/** Starts the machine and the control plane. `rest` starts everything else, and returns what it adds to the cluster. */
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
      addImages: (references, prebuilt) => addImages(machine, references, prebuilt),
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
