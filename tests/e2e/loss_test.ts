/**
 * The local trial when the kubelet is down for a minute, and when a sandbox fills every disk that it can: nothing is lost, and
 * the trial recovers on its own. The volumes have file systems of their own here (storage.ts), because kind's would be full only
 * when the node is full.
 *
 * @module
 */

import assert from "node:assert/strict";
import { tool } from "../support/tools.ts";
import { overlay } from "../support/runtime/objects.ts";
import { sessionCommands } from "../support/runtime/session_table.ts";
import { type Json, objectOf } from "../support/support.ts";
import { type NodeCluster, startCluster } from "../support/cluster/cluster.ts";
import { imagesOf, PROBE_IMAGE } from "../support/cluster/images.ts";
import { applyObjects, type Kubectl, until } from "../support/cluster/kubectl.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { ctr, isReady, NODE } from "../support/cluster/node.ts";
import { loopDevices } from "../support/cluster/storage.ts";
import { inPod, loadSandboxImage, lost, NAMESPACE, saveWord, say, untilAvailable } from "../support/cluster/trial.ts";

const runtime = await tool("a Kubernetes node with loop devices", async () => {
  await clusterRuntime();
  await loopDevices();
});

/** Smaller than the default, because the test really fills it. The sandbox image takes a sixth of it. */
const DISK_SIZE = "2Gi";
/** Path of the agent's workspace in the sandbox. */
const WORKSPACE = "/workspace";

Deno.test({
  name: "a minute without the kubelet and full disks lose nothing, and the trial recovers",
  ignore: runtime.ignore,
  fn: async (t) => {
    const objects = await overlay("kind", { cluster: { workspaceSize: "1Gi" }, sandbox: { diskSize: DISK_SIZE } });
    for (const claim of ["openclaw-data", "openclaw-workspace"]) {
      objectOf(objects, "PersistentVolumeClaim", claim).spec.storageClassName = "bounded";
    }
    await using cluster = await startCluster();
    await cluster.addImages([...imagesOf(objects), PROBE_IMAGE]);
    await applyObjects(cluster, objects);
    await loadSandboxImage(cluster);
    await untilAvailable(cluster);
    await saveWord(cluster);

    await t.step("a minute without the kubelet: the assistant keeps answering, and no pod is replaced", async () => {
      await applyObjects(cluster, [impatient()]);
      await cluster.run(["rollout", "status", "deployment/impatient", "--timeout=60s"]);
      const before = await pods(cluster);
      await cluster.kubelet.kill();
      const killed = Date.now();
      assert.match(await sayWithoutKubelet(cluster, before), /This is the mock/);
      const isOver = async () => Date.now() - killed > 60_000 && !await isReady(cluster);
      await until("a minute to pass and the node to be not ready", isOver, { timeoutMs: 120_000 });
      // Tainted manually: from a cluster's only node Kubernetes removes this taint, if it adds it at all.
      await cluster.run(["taint", "node", NODE, "node.kubernetes.io/unreachable:NoExecute", "--overwrite"]);
      const isReplaced = async () => (await pods(cluster)).some(({ uid }) => before.every((pod) => pod.uid !== uid));
      await until("the impatient pod to be replaced", isReplaced);
      await cluster.kubelet.start();
      await untilAvailable(cluster);
      await until("the replaced pod to be deleted", async () => (await pods(cluster)).length === before.length);
      // Control: a pod that does not tolerate the minute is replaced.
      assert.deepEqual(replaced(before, await pods(cluster)), ["impatient"]);
      assert.deepEqual(await lost(cluster), []);
      assert.match((await say(cluster, "are you back?")).text, /This is the mock/);
    });

    await t.step("a sandbox can fill its in-memory folders and the workspace, and nothing else", async () => {
      const test =
        'case "$type $how" in mqueue*) ;; *" rw"*) if [ -d "$at" ] && [ -w "$at" ]; then echo "$at"; fi ;; esac';
      const writable = await inSandbox(cluster, `while read -r _ at type how _; do ${test}; done </proc/mounts`);
      const places = writable.trim().split("\n").toSorted();
      assert.deepEqual(places, ["/dev/shm", "/tmp", "/var/tmp", WORKSPACE]);
      for (const place of places.filter((place) => place !== WORKSPACE)) {
        const fill = `head -c 2G /dev/zero 2>&1 >${place}/fill; echo "exit status $?"; rm ${place}/fill`;
        assert.match(await inSandbox(cluster, fill), /No space left on device\nexit status 1/, place);
      }
    });

    // A file system of 1 GiB has 65,536 files.
    const fills = { space: filling(WORKSPACE), files: "seq 70000 | xargs touch 2>&1 | tail -n 1" };
    for (const [what, fill] of Object.entries(fills)) {
      await t.step(`a workspace without ${what} stops neither messages nor a start`, async () => {
        await say(cluster, "a sandbox, please");
        assert.match(await inSandbox(cluster, fill), /No space left on device/);
        assert.match(await inSandbox(cluster, "mkdir more 2>&1; true"), /No space left on device/);
        assert.match((await say(cluster, "can you hear me?")).text, /This is the mock/);
        // As if the new version of the pack had other rules.
        await inGateway(cluster, "rm /workspaces/main/SOUL.md");
        await restart(cluster);
        await untilAvailable(cluster);
        assert.match(await inGateway(cluster, "head -n 1 /workspaces/main/SOUL.md"), /^# SOUL/);
        assert.match((await say(cluster, "are you back?")).text, /This is the mock/);
        await cluster.exec(inPod("openclaw", "docker"), ["sh", "-c", "cd /workspaces/main && rm -f fill* [0-9]*"]);
      });
    }

    await t.step(
      "with a full state volume messages are refused, and a restart recovers the assistant",
      async () => {
        const before = await pods(cluster);
        await fillState(cluster);
        await assert.rejects(say(cluster, "one word more"), /database or disk is full/);
        const reserve = "/home/node/.openclaw-pack/reserve";
        // Control: without the reserved space the gateway does not start.
        await inGateway(cluster, `rm -r ${reserve}`);
        // With the gateway stopped, since OpenClaw makes a little room when it stops.
        await fillStopped(cluster);
        await until("the gateway's failure", async () => (await gatewayRestarts(cluster)) > 0, { timeoutMs: 120_000 });
        const logs = await cluster.run(["logs", ...inPod("openclaw"), "--previous"]);
        assert.match(logs, /ENOSPC|disk is full|database is not open/);
        // The fix from docs/troubleshooting.md.
        const freed = await cluster.exec(inPod("openclaw", "sandbox-image"), ["sh", "-c", "rm /home/node/fill*"]);
        assert.equal(freed.code, 0, freed.stderr);
        await restart(cluster);
        await untilAvailable(cluster);
        await fillState(cluster);
        await assert.rejects(say(cluster, "one word more"), /database or disk is full/);

        await restart(cluster);
        await untilAvailable(cluster);
        const log = await cluster.run(["logs", ...inPod("openclaw")]);
        assert.match(log, /^the volume is full: what was set aside/);
        assert.deepEqual(await lost(cluster), []);
        assert.match((await say(cluster, "are you back?")).text, /This is the mock/);
        assert.deepEqual(replaced(before, await pods(cluster)), ["openclaw"]);
        await cluster.exec(inPod("openclaw"), ["sh", "-c", "rm /home/node/fill*"]);
      },
    );

    await t.step("more than sandbox.diskSize in the docker daemon: only the pod is replaced", async () => {
      const before = await pods(cluster);
      const { volumes } = objectOf(objects, "Deployment", "openclaw").spec.template.spec;
      const data = volumes.find(({ name }: Json) => name === "docker-data");
      assert.deepEqual(data, { name: "docker-data", emptyDir: { sizeLimit: DISK_SIZE } });
      await applyObjects(cluster, [unbounded({ ...data, emptyDir: {} })]);
      await cluster.run(["wait", "--for=condition=Ready", "pod/unbounded", "--timeout=60s"]);
      const size = String(Math.round(2.2 * 2 ** 30));
      // Run by the gateway's container, as an elevated session would. Control: the pod without the limit is not evicted.
      const image = "docker image ls --quiet | head -n 1";
      const run = `docker run --rm --user 0 --volume filled:/filled "$(${image})" fallocate -l ${size} /filled/fill`;
      const began = Date.now();
      const both = await Promise.all([
        cluster.exec(["unbounded"], ["fallocate", "-l", size, "/data/fill"]),
        cluster.exec(inPod("openclaw"), ["sh", "-c", run]),
      ]);
      for (const { code, stderr } of both) assert.equal(code, 0, stderr);
      const evicted = async () => {
        const { items } = await cluster.get("pods", "--all-namespaces", "--field-selector=status.phase=Failed");
        return items.map(({ metadata, status }: Json) =>
          `${metadata.labels?.["app.kubernetes.io/name"]} ${status.reason}`
        );
      };
      await until("the eviction", async () => (await evicted()).length > 0, { timeoutMs: 120_000 });
      console.log(`full, then evicted: ${Math.round((Date.now() - began) / 1000)} s`);
      await untilAvailable(cluster);
      console.log(`full, then available: ${Math.round((Date.now() - began) / 1000)} s`);
      assert.deepEqual(await evicted(), ["openclaw Evicted"]);
      assert.deepEqual(await lost(cluster), []);
      assert.match((await say(cluster, "are you back?")).text, /This is the mock/);
      const still = (await pods(cluster)).filter(({ phase }) => phase !== "Failed");
      assert.deepEqual(replaced(before, still), ["openclaw"]);
      const { status } = await cluster.get("node", "node");
      const pressed = status.conditions.filter(({ type, status }: Json) => type !== "Ready" && status !== "False");
      assert.deepEqual(pressed, []);
    });
  },
});

interface PodState {
  /** Name of the Deployment. */
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly restarts: number;
  readonly containers: Readonly<Record<string, string>>;
}

/** Returns every pod of a Deployment. */
async function pods(cluster: Kubectl): Promise<PodState[]> {
  const { items } = await cluster.get("pods", "--all-namespaces", "--selector=pod-template-hash");
  return items.map(({ metadata, status }: Json) => {
    const containers: Json[] = [...status.initContainerStatuses ?? [], ...status.containerStatuses ?? []];
    return {
      name: metadata.generateName.replace(/-\w+-$/, ""),
      uid: metadata.uid,
      phase: status.phase,
      restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
      containers: Object.fromEntries(
        containers.map(({ name, containerID = "" }) => [name, containerID.replace("containerd://", "")]),
      ),
    };
  });
}

/** Returns the names of pods that were replaced or had a container restarted. */
function replaced(before: readonly PodState[], after: readonly PodState[]): string[] {
  return before
    .filter(({ uid, restarts }) => !after.some((pod) => pod.uid === uid && pod.restarts === restarts))
    .map(({ name }) => name).toSorted();
}

/** Returns a Deployment whose pod is evicted from a node that is not ready after 1 s, not after the default 5 minutes. */
function impatient(): Json {
  const labels = { app: "impatient" };
  const tolerations = ["not-ready", "unreachable"].map((taint) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 1,
  }));
  const containers = [{ name: "serve", image: PROBE_IMAGE, args: ["serve", "here", ":8080"] }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "impatient", namespace: "default" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, tolerations, containers } },
    },
  };
}

/** Returns a pod with a volume. */
function unbounded(volume: Json, namespace = "default"): Json {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "unbounded", namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{
        name: "serve",
        image: PROBE_IMAGE,
        args: ["serve", "here", ":8080"],
        securityContext: { runAsUser: 0 },
        volumeMounts: [{ name: volume.name, mountPath: "/data" }],
      }],
      volumes: [volume],
    },
  };
}

/** Sends a message with containerd's client, because `kubectl exec` needs the kubelet. Returns the answer. */
async function sayWithoutKubelet({ machine }: NodeCluster, all: readonly PodState[]): Promise<string> {
  const id = all.find(({ name }) => name === "openclaw")?.containers.openclaw ?? "";
  const argv = ["openclaw", "agent", "--agent", "main", "--message", "still there?"];
  return await ctr(machine, ["task", "exec", "--exec-id", "say", id, ...argv]);
}

/** Runs a command in the agent's sandbox, as docs/security.md does. Returns its output. */
async function inSandbox(cluster: Kubectl, command: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.exec(inPod("openclaw"), sessionCommands(command)[0]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Runs a command in the gateway's container, as an approved one would. Returns its output. */
async function inGateway(cluster: Kubectl, command: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.exec(inPod("openclaw"), ["sh", "-c", command]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Fills the rest of the state volume, as an approved command could. */
async function fillState(cluster: Kubectl): Promise<void> {
  assert.match(await inGateway(cluster, filling("/home/node")), /No space left on device\nexit status 1/);
}

/** Fills every block of the state volume from another pod, while the gateway is stopped. */
async function fillStopped(cluster: Kubectl): Promise<void> {
  const scale = (replicas: number) =>
    cluster.run(["scale", `--namespace=${NAMESPACE}`, "deployment/openclaw", `--replicas=${replicas}`]);
  await scale(0);
  const selector = "--selector=app.kubernetes.io/name=openclaw";
  await cluster.run(["wait", `--namespace=${NAMESPACE}`, "--for=delete", "pod", selector, "--timeout=90s"]);
  await applyObjects(cluster, [
    unbounded({ name: "state", persistentVolumeClaim: { claimName: "openclaw-data" } }, NAMESPACE),
  ]);
  const pod = [`--namespace=${NAMESPACE}`, "unbounded"];
  await cluster.run(["wait", "--for=condition=Ready", ...pod.with(1, "pod/unbounded"), "--timeout=60s"]);
  for (const size of ["1T", "1G", "64M", "4M", "256K", "16K", "4K"]) {
    for (let number = 0;; number++) {
      const { code } = await cluster.exec(pod, ["fallocate", "-l", size, `/data/fill-${size}-${number}`]);
      if (code !== 0) break;
    }
  }
  await cluster.run(["delete", "pod", ...pod]);
  await scale(1);
}

/** First allocates what it can at once, then writes until the volume is full. */
function filling(folder: string): string {
  const name = `${folder}/fill-${crypto.randomUUID()}`;
  return `fallocate -l 1T ${name} 2>/dev/null; cat /dev/zero 2>&1 >${name}-rest; echo "exit status $?"`;
}

/** Deletes the gateway's pod. */
async function restart(cluster: Kubectl): Promise<void> {
  const gateway = ["--selector=app.kubernetes.io/name=openclaw", `--namespace=${NAMESPACE}`];
  await cluster.run(["delete", "pod", ...gateway]);
}

async function gatewayRestarts(cluster: Kubectl): Promise<number> {
  const { items } = await cluster.get(
    "pods",
    "--selector=app.kubernetes.io/name=openclaw",
    `--namespace=${NAMESPACE}`,
  );
  const statuses: Json[] = items.flatMap(({ status }: Json) => status.containerStatuses ?? []);
  return statuses.find(({ name }) => name === "openclaw")?.restartCount ?? 0;
}
