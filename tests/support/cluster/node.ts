/**
 * Starts the only node in a machine: containerd, kubelet and kube-proxy.
 *
 * @module
 */

import { join } from "node:path";
import { runOrThrow } from "../tools.ts";
import { built } from "./build.ts";
import { type Kubectl, until } from "./kubectl.ts";
import type { Component, Machine } from "./machine.ts";
import { NODE_ADDRESS } from "./machine.ts";
import { containerd } from "./needs.ts";

/** Name of the node. */
export const NODE = "node";

const CONFIG = "/run/cluster/config";
const KUBECONFIG = "/run/cluster/kubeconfig";

/** Starts containerd. Resolves when it answers. */
export async function startContainerd(machine: Machine): Promise<void> {
  const { ended } = machine.start("containerd", ["containerd", "--config", `${CONFIG}/containerd.toml`]);
  const socket = join("/proc", String(machine.pid), "root/run/containerd/containerd.sock");
  const answers = async () => {
    if (!await Deno.stat(socket).then(() => true, () => false)) return false;
    await ctr(machine, ["version"]);
    return true;
  };
  await Promise.race([until("containerd", answers), ended.then((reason) => Promise.reject(new Error(reason)))]);
}

/** Runs containerd's own client. Returns its output. */
export async function ctr(machine: Machine, args: readonly string[]): Promise<string> {
  const [command, ...rest] = [...machine.enter, join(await containerd(), "ctr"), "--namespace", "k8s.io", ...args];
  return (await runOrThrow(command ?? "", rest)).stdout;
}

/** The node's kubelet, which a test can stop for a while. */
export interface Kubelet {
  /** Kills it, as a crash would. The containers keep running. */
  kill(): Promise<void>;
  /** Starts it again. Resolves when the node is ready. */
  start(): Promise<void>;
}

/** Starts kube-proxy and the kubelet. Resolves when the node is ready. */
export async function startNode(machine: Machine, kubectl: Kubectl): Promise<Kubelet> {
  const kubeProxy = machine.start("kube-proxy", [await built("kube-proxy"), `--config=${CONFIG}/kube-proxy.yaml`]);
  let kubelet: Component;
  const start = async () => {
    kubelet = machine.start("kubelet", [
      await built("kubelet"),
      ...[`--config=${CONFIG}/kubelet.yaml`, `--kubeconfig=${KUBECONFIG}/kubelet`, `--hostname-override=${NODE}`],
      ...[`--node-ip=${NODE_ADDRESS}`, `--cgroup-root=/${machine.name}`, "--v=2"],
    ]);
    const ended = Promise.race([kubelet.ended, kubeProxy.ended]).then((reason) => Promise.reject(new Error(reason)));
    await Promise.race([until("the node", () => isReady(kubectl)), ended]);
  };
  await start();
  return { kill: () => kubelet.kill(), start };
}

/** Returns whether the API server reports the node as ready. */
export async function isReady(kubectl: Kubectl): Promise<boolean> {
  const { status } = await kubectl.get("node", NODE);
  return status.conditions.some((condition: { type: string; status: string }) =>
    condition.type === "Ready" && condition.status === "True"
  );
}
