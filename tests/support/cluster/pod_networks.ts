/**
 * The network namespaces of a cluster's pods, as files: what is started in one has the pod's own network, whatever programs its
 * images have, and is met by the same policies.
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
  /** Path of its namespace, within the machine. */
  readonly netns: string;
}

/** Path of the world's, within the machine. */
export const WORLD_NETNS = "/run/netns/world";

/** Every pod that has a network now, also before its first container. libcni notes each when it is made. */
export async function podNetworks({ folder }: Pick<Machine, "folder">): Promise<PodNetwork[]> {
  const results = join(folder, "lib/cni/results");
  const found: PodNetwork[] = [];
  for await (const { name } of Deno.readDir(results)) {
    if (!name.startsWith("pods-")) continue;
    // Being written or taken away just now.
    const note = await Deno.readTextFile(join(results, name)).then(JSON.parse).catch(() => undefined);
    const ips: { address: string; interface: number }[] = note?.result?.ips ?? [];
    const [ip] = ips;
    if (ip === undefined) continue;
    const args = Object.fromEntries(note.cniArgs as [string, string][]);
    found.push({
      namespace: args.K8S_POD_NAMESPACE ?? "",
      pod: args.K8S_POD_NAME ?? "",
      address: ip.address.replace(/\/.*/, ""),
      netns: note.result.interfaces[ip.interface].sandbox.replace(/^\/var\/run/, "/run"),
    });
  }
  return found;
}

/** Where the test process finds a path of the machine. */
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
 * The network of a container of the docker daemon in a pod, as a path within the machine.
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

/** A container's first process, by its number within the machine. */
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
