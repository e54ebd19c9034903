/**
 * Sources of the reachability table that do not run by themselves: a backup, and a sandbox.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PackInput } from "openclaw-pack";
import type { Model } from "../../src/model/model.ts";
import { sandboxRun } from "../../src/verify/sandbox.ts";
import { overlay } from "../runtime/objects.ts";
import { objectOf } from "../support.ts";
import type { Cluster } from "./cluster.ts";
import { applyObjects } from "./kubectl.ts";
import { containerNetwork } from "./pod_networks.ts";
import { gatewayPod } from "./production.ts";
import { NAMESPACE } from "./trial.ts";
import type { Source } from "./reach_table.ts";

/** iptables in the gateway's pod, by the daemon's container. */
export async function iptables(cluster: Cluster, ...rule: string[]): Promise<void> {
  const target = ["-n", NAMESPACE, (await gatewayPod(cluster)).name, "-c", "docker"];
  const { code, stderr } = await cluster.exec(target, ["iptables", "-w", ...rule]);
  assert.equal(code, 0, stderr);
}

/** A pod of the CronJob's template that waits instead of making an archive. */
export async function startBackupPod(cluster: Cluster, model: Model, input: PackInput): Promise<void> {
  const { spec } = objectOf(await overlay("prod", input), "CronJob", "openclaw-backup");
  const { metadata, spec: pod } = spec.jobTemplate.spec.template;
  const { initContainers = [], containers, ...rest } = pod;
  const own = [...initContainers, ...containers].filter(({ image }) => image === model.config.images.openclaw);
  await applyObjects(cluster, [{
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: "backup", namespace: NAMESPACE },
    spec: { ...rest, containers: own.map((container) => ({ ...container, command: ["sleep", "infinity"] })) },
  }]);
  await cluster.run(["wait", "-n", NAMESPACE, "pod/backup", "--for=condition=Ready", "--timeout=60s"]);
}

/** A container as OpenClaw would start it, in the gateway's pod. */
export async function startSandbox(cluster: Cluster, model: Model, sources: readonly Source[]): Promise<Source> {
  const gateway = sources.find(({ as }) => as === "openclaw");
  assert.ok(gateway);
  const { name: pod } = await gatewayPod(cluster);
  const argv = ["docker", "run", "--detach", ...sandboxRun(model), "sleep", "infinity"];
  const { code, stdout, stderr } = await cluster.exec(["-n", NAMESPACE, pod, "-c", "docker"], argv);
  assert.equal(code, 0, stderr);
  const daemon = { namespace: NAMESPACE, pod, container: "docker" };
  const netns = await containerNetwork(cluster.machine, cluster, daemon, stdout.trim());
  return { ...gateway, name: "sandbox", netns, sandbox: true };
}
