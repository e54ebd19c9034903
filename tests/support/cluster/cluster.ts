/**
 * A Kubernetes of one node for a test: real Kubernetes, etcd, containerd, CoreDNS and enforced NetworkPolicies, in namespaces of its
 * own, on a machine that needs neither Docker nor a registry. Nothing of it outlives the test process. Not covered: IPv6, more
 * than one node, cloud providers, real storage (see storage.ts), real images (see images.ts).
 *
 * @example
 * ```ts ignore
 * const runtime = await part("a Kubernetes node", clusterRuntime);
 * Deno.test({ name: "...", ignore: runtime.ignore, fn: async () => {
 *   await using cluster = await startCluster();
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
import { addImages, CLUSTER_IMAGES } from "./images.ts";
import { type Kubectl, kubectlWith } from "./kubectl.ts";
import { type Machine, startMachine } from "./machine.ts";
import { type Kubelet, startContainerd, startNode } from "./node.ts";
import { API_PORT, kubeconfig } from "./pki.ts";
import { passGate, startPolicyEngine } from "./policy.ts";
import { OWN_NETWORK, type Relay, relay } from "./relay.ts";
import { startProvisioner } from "./storage.ts";

/** An address in the cluster's world: public, and of nobody. Behind it is what a test puts there. */
export const WORLD_ADDRESS = "203.0.113.10";

/** A cluster that runs. */
export interface Cluster extends Kubectl, AsyncDisposable {
  readonly machine: Machine;
  /** Gives the node the images that some references name, made by the test itself where it says so. */
  addImages(references: readonly string[], made?: Readonly<Record<string, Image>>): Promise<void>;
  /** Has a port of the world lead to one of the test process's own loopback. */
  serveWorld(port: number, own: number): Promise<Relay>;
  /** A port of the test process's loopback that leads to an address of the cluster: a Service's or a pod's. */
  forward(target: string): Promise<Relay>;
}

/** One with a node. */
export interface NodeCluster extends Cluster {
  readonly kubelet: Kubelet;
}

/** Starts a whole cluster. `policies: false` leaves out who enforces NetworkPolicies. */
export async function startCluster({ policies = true } = {}): Promise<NodeCluster> {
  return await start({ scheduler: true, kubelets: true }, async (machine, kubectl, stack) => {
    await startContainerd(machine);
    const [kubelet] = await Promise.all([startNode(machine, kubectl), addImages(machine, CLUSTER_IMAGES)]);
    stack.use(await startProvisioner(machine, kubectl));
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
export async function startControlPlaneOnly({ scheduler = false } = {}): Promise<Cluster> {
  return await start({ scheduler, kubelets: false }, () => Promise.resolve({}));
}

/** `rest` starts what else there is, and gives what a test has of it. */
async function start<T extends object>(
  options: ControlPlaneOptions,
  rest: (machine: Machine, kubectl: Kubectl, stack: AsyncDisposableStack) => Promise<T>,
): Promise<Cluster & T> {
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
    return {
      ...more,
      ...kubectl,
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
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
