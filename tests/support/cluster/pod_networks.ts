/**
 * The network namespaces of a cluster's pods, as files. A program that is started in one has the pod's network and policies,
 * and need not be in the pod's image.
 *
 * @module
 */

import { join } from "node:path";
import { runOrThrow } from "../tools.ts";
import type { Kubectl } from "./kubectl.ts";
import type { Machine } from "./machine.ts";
import { ctr } from "./node.ts";

/** A pod's network. */
export interface PodNetwork {
  readonly namespace: string;
  readonly pod: string;
  readonly address: string;
  /** Path of its namespace in the machine. */
  readonly netns: string;
}

/** Path of the internet's network namespace in the machine. */
export const WORLD_NETNS = "/run/netns/world";

/** Returns every pod that has a network, also before its first container starts. libcni records each network on creation. */
export async function podNetworks({ folder }: Pick<Machine, "folder">): Promise<PodNetwork[]> {
  const results = join(folder, "lib/cni/results");
  const found: PodNetwork[] = [];
  for await (const { name } of Deno.readDir(results)) {
    if (!name.startsWith("pods-")) continue;
    // The record may be being written or deleted.
    const record = await Deno.readTextFile(join(results, name)).then(JSON.parse).catch(() => undefined);
    const ips: { address: string; interface: number }[] = record?.result?.ips ?? [];
    const [ip] = ips;
    if (ip === undefined) continue;
    const args = Object.fromEntries(record.cniArgs as [string, string][]);
    found.push({
      namespace: args.K8S_POD_NAMESPACE ?? "",
      pod: args.K8S_POD_NAME ?? "",
      address: ip.address.replace(/\/.*/, ""),
      netns: record.result.interfaces[ip.interface].sandbox.replace(/^\/var\/run/, "/run"),
    });
  }
  return found;
}

/** Returns the path under which the test process finds a path of the machine. */
export function outside({ pid }: Pick<Machine, "pid">, path: string): string {
  return `/proc/${pid}/root${path}`;
}

/** A container of a pod. */
export interface PodContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Returns the network namespace of a container of the docker daemon in a pod, as a path in the machine.
 *
 * @param daemon the daemon's own container
 */
export async function containerNetwork(
  machine: Machine,
  cluster: Kubectl,
  daemon: PodContainer,
  id: string,
): Promise<string> {
  const key = ["docker", "inspect", "--format", "{{.NetworkSettings.SandboxKey}}", id];
  const { stdout } = await cluster.exec(["-n", daemon.namespace, daemon.pod, "-c", daemon.container], key);
  const pid = await processOf(machine, cluster, daemon);
  const path = `/proc/${pid}/root${stdout.trim().replace(/^\/var\/run/, "/run")}`;
  await runOrThrow("test", ["-e", outside(machine, path)]);
  return path;
}

/** Returns the process ID of a container's first process in the machine. */
export async function processOf(
  machine: Machine,
  cluster: Kubectl,
  { namespace, pod, container }: PodContainer,
): Promise<string> {
  const { status } = await cluster.get("pod", "-n", namespace, pod);
  const statuses: { name: string; containerID: string }[] = [
    ...status.initContainerStatuses ?? [],
    ...status.containerStatuses ?? [],
  ];
  const id = statuses.find(({ name }) => name === container)?.containerID.replace("containerd://", "");
  const task = (await ctr(machine, ["tasks", "ls"])).split("\n").find((line) => id && line.startsWith(id));
  const pid = task?.trim().split(/\s+/)[1];
  if (pid === undefined) throw new Error(`${pod}: ${container} has no process`);
  return pid;
}
