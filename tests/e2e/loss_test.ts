/**
 * The local trial when its node's kubelet is away for a minute, and when a sandbox takes all the disk that it can get: nothing is
 * lost, and it comes back by itself. The state volume has a file system of its own here (storage.ts), since kind's would be full
 * only when the node is.
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
import { giveSandboxImage, inPod, leaveWord, lost, NAMESPACE, say, untilAvailable } from "../support/cluster/trial.ts";

const runtime = await tool("a Kubernetes node with loop devices", async () => {
  await clusterRuntime();
  await loopDevices();
});

/** Less than the default, since it is really written here; the sandbox image takes a sixth of it. */
const DISK_SIZE = "2Gi";
/** Where the sandbox sees the agent's workspace. */
const WORKSPACE = "/workspace";

Deno.test({
  name: "a minute without its kubelet, and each disk full: nothing is lost, and all comes back",
  ignore: runtime.ignore,
  fn: async (t) => {
    const objects = await overlay("kind", { sandbox: { diskSize: DISK_SIZE } });
    objectOf(objects, "PersistentVolumeClaim", "openclaw-data").spec.storageClassName = "bounded";
    await using cluster = await startCluster();
    await cluster.addImages([...imagesOf(objects), PROBE_IMAGE]);
    await applyObjects(cluster, objects);
    await giveSandboxImage(cluster);
    await untilAvailable(cluster);
    await leaveWord(cluster);

    await t.step("a minute without the kubelet: the assistant goes on, and no pod is replaced", async () => {
      await applyObjects(cluster, [impatient()]);
      await cluster.run(["rollout", "status", "deployment/impatient", "--timeout=60s"]);
      const before = await pods(cluster);
      await cluster.kubelet.kill();
      const killed = Date.now();
      assert.match(await sayWithoutKubelet(cluster, before), /This is the mock/);
      const aMinute = async () => Date.now() - killed > 60_000 && !await isReady(cluster);
      await until("a minute, and the node is not ready", aMinute, { timeoutMs: 120_000 });
      // By hand: of a cluster's only node Kubernetes takes this taint off again, if it puts it there at all.
      await cluster.run(["taint", "node", NODE, "node.kubernetes.io/unreachable:NoExecute", "--overwrite"]);
      const givenUp = async () => (await pods(cluster)).some(({ uid }) => before.every((pod) => pod.uid !== uid));
      await until("the end of the impatient pod", givenUp);
      await cluster.kubelet.start();
      await untilAvailable(cluster);
      await until("the end of the replaced pod", async () => (await pods(cluster)).length === before.length);
      // Seen red: a pod that does not wait out the minute is replaced.
      assert.deepEqual(replaced(before, await pods(cluster)), ["impatient"]);
      assert.deepEqual(await lost(cluster), []);
      assert.match((await say(cluster, "are you back?")).text, /This is the mock/);
    });

    await t.step("a sandbox can fill its folders in memory and the workspace, and nothing else", async () => {
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

    await t.step(
      "with the state volume full no message is taken, and a restart brings the assistant back",
      async () => {
        const before = await pods(cluster);
        await fillWorkspace(cluster);
        await assert.rejects(say(cluster, "one word more"), /database or disk is full/);
        const aside = "/home/node/.openclaw-pack/reserve";
        // Seen red: without what was set aside the gateway does not start.
        await cluster.exec(inPod("openclaw"), ["rm", aside]);
        await fillWorkspace(cluster);
        await restart(cluster);
        await until("the gateway's failure", async () => (await gatewayRestarts(cluster)) > 0, { timeoutMs: 120_000 });
        const logs = await cluster.run(["logs", ...inPod("openclaw"), "--previous"]);
        assert.match(logs, /ENOSPC|disk is full/);
        // The way out that docs/troubleshooting.md has.
        await cluster.exec(inPod("openclaw", "docker"), ["sh", "-c", "rm /home/node/.openclaw/workspace/fill*"]);
        await restart(cluster);
        await untilAvailable(cluster);
        await say(cluster, "a sandbox, please");
        await fillWorkspace(cluster);
        await assert.rejects(say(cluster, "one word more"), /database or disk is full/);

        await restart(cluster);
        await untilAvailable(cluster);
        const told = await cluster.run(["logs", ...inPod("openclaw")]);
        assert.match(told, /^the volume is full: what was set aside/);
        assert.deepEqual(await lost(cluster), []);
        assert.match((await say(cluster, "are you back?")).text, /This is the mock/);
        assert.deepEqual(replaced(before, await pods(cluster)), ["openclaw"]);
        await cluster.exec(inPod("openclaw"), ["sh", "-c", "rm ~/.openclaw/workspace/fill*"]);
      },
    );

    await t.step("more than sandbox.diskSize in the docker daemon: the pod is replaced, and that is all", async () => {
      const before = await pods(cluster);
      const { volumes } = objectOf(objects, "Deployment", "openclaw").spec.template.spec;
      const data = volumes.find(({ name }: Json) => name === "docker-data");
      assert.deepEqual(data, { name: "docker-data", emptyDir: { sizeLimit: DISK_SIZE } });
      await applyObjects(cluster, [unbounded({ ...data, emptyDir: {} })]);
      await cluster.run(["wait", "--for=condition=Ready", "pod/unbounded", "--timeout=60s"]);
      const size = String(Math.round(2.2 * 2 ** 30));
      // What drives the daemon: the gateway's container, so an elevated session. Seen red: without the limit nothing happens.
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
  /** Of what made it. */
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly restarts: number;
  readonly containers: Readonly<Record<string, string>>;
}

/** Every pod that a Deployment made. */
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

/** What is no longer the very pod that it was, or has had a container start again. */
function replaced(before: readonly PodState[], after: readonly PodState[]): string[] {
  return before
    .filter(({ uid, restarts }) => !after.some((pod) => pod.uid === uid && pod.restarts === restarts))
    .map(({ name }) => name).toSorted();
}

/** A Deployment whose pod leaves a node that is not ready after a second, not after the five minutes of all others. */
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

/** A pod with a volume. */
function unbounded(volume: Json): Json {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "unbounded", namespace: "default" },
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

/** A message while nobody is there to ask for `kubectl exec`: as it does, by containerd. */
async function sayWithoutKubelet({ machine }: NodeCluster, all: readonly PodState[]): Promise<string> {
  const id = all.find(({ name }) => name === "openclaw")?.containers.openclaw ?? "";
  const argv = ["openclaw", "agent", "--agent", "main", "--message", "still there?"];
  return await ctr(machine, ["task", "exec", "--exec-id", "say", id, ...argv]);
}

/** Runs a command in the agent's sandbox, as docs/security.md does; gives what it printed. */
async function inSandbox(cluster: Kubectl, command: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.exec(inPod("openclaw"), sessionCommands(command)[0]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Takes all that is left of the state volume, from the sandbox. */
async function fillWorkspace(cluster: Kubectl): Promise<void> {
  const name = `${WORKSPACE}/fill-${crypto.randomUUID()}`;
  // At once what there is, then the rest.
  const said = await inSandbox(
    cluster,
    `fallocate -l 1T ${name} 2>/dev/null; cat /dev/zero 2>&1 >${name}-rest; echo "exit status $?"`,
  );
  assert.match(said, /No space left on device\nexit status 1/);
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
