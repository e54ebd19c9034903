/**
 * Sources of the reachability table that a test must start: a backup and a sandbox.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PackInput } from "openclaw-pack";
import type { Model } from "../../../src/model/model.ts";
import { BACKUP_CONTAINER } from "../../../src/generate/kubernetes/backup.ts";
import { sandboxRun } from "../../../src/commands/verify/sandbox.ts";
import { runOrThrow } from "../tools.ts";
import { overlay } from "../runtime/objects.ts";
import { objectOf } from "../support.ts";
import type { OwnCluster } from "./cluster.ts";
import { applyObjects, type Kubectl, until } from "./kubectl.ts";
import { containerNetwork, type PodContainer, processOf } from "./pod_networks.ts";
import { gatewayPod } from "./production.ts";
import { NAMESPACE } from "./trial.ts";
import type { Source } from "./reach_table.ts";

/** Runs a command in the docker daemon's container, which shares the pod's network. Returns its output. */
export async function inDaemon(cluster: Kubectl, ...argv: string[]): Promise<string> {
  const { namespace, pod, container } = await daemonOf(cluster);
  const { code, stdout, stderr } = await cluster.exec(["-n", namespace, pod, "-c", container], argv);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** Sets up the firewall in the pod, as generated. */
export const FIREWALL_SCRIPT = ["sh", "/sandbox/firewall.sh"];
/** Removes the rule that blocks the pod's own ports for the sandbox. */
export const OPEN_INPUT = ["iptables", "-w", "-D", "INPUT", "-i", "docker0", "-j", "DROP"];
/** Removes the rule that blocks private addresses for the sandbox. */
export const OPEN_FORWARD = ["iptables", "-w", "-t", "mangle", "-D", "FORWARD", "-i", "docker0", "-j", "SANDBOXES"];

/**
 * Deletes every iptables rule, including docker's own, and kills the docker daemon with its sandboxes. The new daemon finds the
 * network as on the first start of a pod. Resolves when the kubelet has restarted the container and the daemon answers.
 *
 * @param before a command to run after the rules are deleted and before the daemon is killed
 */
export async function killDaemon(cluster: OwnCluster, before: readonly string[] = ["true"]): Promise<void> {
  const daemon = await daemonOf(cluster);
  const restarts = async (): Promise<number> => {
    const { status } = await cluster.get("pod", "-n", daemon.namespace, daemon.pod);
    const found = status.initContainerStatuses.find(({ name }: { name: string }) => name === daemon.container);
    return found.restartCount;
  };
  const count = await restarts();
  const flush = "for table in filter nat mangle; do iptables -w -t $table -F; iptables -w -t $table -X; done";
  await inDaemon(cluster, "sh", "-euc", flush);
  await inDaemon(cluster, ...before);
  const { machine } = cluster;
  const [command = "", ...enter] = machine.enter;
  await runOrThrow(command, [...enter, "kill", "-KILL", await processOf(machine, cluster, daemon)]);
  await until("the restarted docker daemon", async () => {
    if (await restarts() === count) return false;
    await inDaemon(cluster, "docker", "version");
    return true;
  });
}

async function daemonOf(cluster: Kubectl): Promise<PodContainer> {
  return { namespace: NAMESPACE, pod: (await gatewayPod(cluster)).name, container: "docker" };
}

/** Starts a pod from the CronJob's template that sleeps instead of creating an archive. */
export async function startBackupPod(cluster: OwnCluster, input: PackInput): Promise<void> {
  const { spec } = objectOf(await overlay("prod", input), "CronJob", "openclaw-backup");
  const { metadata, spec: pod } = spec.jobTemplate.spec.template;
  const { initContainers = [], containers, ...rest } = pod;
  const own = [...initContainers, ...containers].filter(({ name }) => name === BACKUP_CONTAINER);
  await applyObjects(cluster, [{
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: "backup", namespace: NAMESPACE },
    spec: { ...rest, containers: own.map((container) => ({ ...container, command: ["sleep", "infinity"] })) },
  }]);
  await cluster.run(["wait", "-n", NAMESPACE, "pod/backup", "--for=condition=Ready", "--timeout=60s"]);
}

/** Starts a container in the gateway's pod as OpenClaw would. */
export async function startSandbox(cluster: OwnCluster, model: Model, sources: readonly Source[]): Promise<Source> {
  const gateway = sources.find(({ as }) => as === "openclaw");
  assert.ok(gateway);
  const id = await inDaemon(cluster, "docker", "run", "--detach", ...sandboxRun(model), "sleep", "infinity");
  const netns = await containerNetwork(cluster.machine, cluster, await daemonOf(cluster), id);
  return { ...gateway, name: "sandbox", netns, sandbox: true };
}
