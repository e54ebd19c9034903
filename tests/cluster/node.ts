/**
 * The one node: containerd, kubelet, kube-proxy and the engine of NetworkPolicies, started within a machine.
 *
 * @module
 */

import { join } from "node:path";
import { must } from "../judges/parts.ts";
import { built } from "./build.ts";
import { type Kubectl, until } from "./kubectl.ts";
import type { Machine } from "./machine.ts";
import { NODE_ADDRESS } from "./machine.ts";
import { containerd } from "./needs.ts";

/** Name of the node. */
export const NODE = "node";

const CONFIG = "/run/cluster/config";
const KUBECONFIG = "/run/cluster/kubeconfig";

/** Starts containerd; resolves when it answers. */
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

/** Runs containerd's own client. */
export async function ctr(machine: Machine, args: readonly string[]): Promise<string> {
  const [command, ...rest] = [...machine.enter, join(await containerd(), "ctr"), "--namespace", "k8s.io", ...args];
  return (await must(command ?? "", rest)).stdout;
}

/** Starts the rest; resolves when the node is ready. */
export async function startNode(machine: Machine, kubectl: Kubectl): Promise<void> {
  const failed: Promise<string>[] = [];
  const start = async (program: "kubelet" | "kube-proxy", args: readonly string[]) => {
    failed.push(machine.start(program, [await built(program), ...args]).ended);
  };
  await start("kubelet", [
    ...[`--config=${CONFIG}/kubelet.yaml`, `--kubeconfig=${KUBECONFIG}/kubelet`, `--hostname-override=${NODE}`],
    ...[`--node-ip=${NODE_ADDRESS}`, `--cgroup-root=/${machine.name}`, "--v=2"],
  ]);
  await start("kube-proxy", [`--config=${CONFIG}/kube-proxy.yaml`]);
  const ready = async () => {
    const { status } = await kubectl.get("node", NODE);
    return status.conditions.some((condition: { type: string; status: string }) =>
      condition.type === "Ready" && condition.status === "True"
    );
  };
  const ended = Promise.race(failed).then((reason) => Promise.reject(new Error(reason)));
  await Promise.race([until("the node", ready), ended]);
}
