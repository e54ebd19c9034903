/**
 * What real pods wait for: `pods_after_*.jsonl` contain what an API server (Kubernetes 1.34, containerd) returned for
 * failing_workloads.ts, without unused fields.
 */

import assert from "node:assert/strict";
import { UNRECOVERABLE } from "./failing_workloads.ts";
import { readSnapshot, type Snapshot } from "../../../../src/cluster/snapshot.ts";
import { type WorkloadState, workloadStates } from "../../../../src/cluster/workload_state.ts";

/** The expected state of each workload: ready, may recover (`waits`), or will not recover after this many seconds. */
const EARLY: readonly (readonly [name: string, patience: number | "ready" | "waits", what: RegExp])[] = [
  ["available", "ready", /^$/],
  ["init-runs", "waits", /^init step sandbox-image runs$/],
  ["side-starts", "waits", /^sidecar docker starts \(Startup probe failed\)$/],
  [
    "init-fails",
    "waits",
    /^init step prepare-state crashes \(exit status 3: cannot write to \/home\/node\), restarted once$/,
  ],
  ["side-crashes", "waits", /^sidecar docker crashes \(exit status 1: no cgroups\), restarted once$/],
  ["probe-fails", "waits", /^container main starts \(Startup probe failed: not listening\)$/],
  ["not-ready", "waits", /^container main is not ready \(Readiness probe failed: no model\)$/],
  ["crashes", "waits", /^container main crashes \(exit status 1: .+\), restarted once$/],
  ["oom", "waits", /^container main crashes \(OOMKilled: it needs more memory than 16Mi\), restarted once$/],
  ["no-image", "waits", /^container main pulls its image registry\.invalid\/nobody\/nothing:1$/],
  ["no-image-init", "waits", /^init step step pulls its image registry\.invalid\/nobody\/nothing:1$/],
  ["bad-image", 0, /^container main has no image \(.*couldn't parse image name/],
  ["never-pull", 0, /^container main has no image \(.*not present with pull policy of Never\)$/],
  ["no-secret", "waits", /^container main cannot be created \(secret "litellm-credentials" not found\)$/],
  ["root-user", "waits", /^container main cannot be created \(container has runAsNonRoot and image will run as root/],
  [
    "no-program",
    "waits",
    /^container main crashes \(.*stat \/no\/such\/program: no such file or directory.*\), restarted once$/,
  ],
  ["too-big", 180, /^no node for it: 0\/1 nodes are available: 1 Insufficient memory\.$/],
  ["no-node", 180, /^no node for it: .*didn't match Pod's node affinity\/selector\.$/],
  ["no-class", "waits", /^volume no-class: storageclass\.storage\.k8s\.io "not-there" not found$/],
  [
    "no-volume",
    "waits",
    /^container main is being created \(MountVolume\.SetUp failed .*configmap "not-there" not found\)$/,
  ],
];

/** The states that do not change within four minutes. */
const STILL = [
  ...["available", "init-runs", "side-starts", "probe-fails", "not-ready", "bad-image", "never-pull", "too-big"],
  ...["no-node", "no-volume"],
];

/** The expected states after four minutes. */
const LATE: typeof EARLY = [
  ...EARLY.filter(([name]) => STILL.includes(name)),
  [
    "init-fails",
    0,
    /^init step prepare-state crashes \(exit status 3: cannot write to \/home\/node\), restarted 5 times$/,
  ],
  ["side-crashes", 0, /^sidecar docker crashes .*, restarted 5 times$/],
  [
    "crashes",
    0,
    /^container main crashes \(exit status 1: custom_auth: LITELLM_PROXY_KEY is missing\), restarted 5 times$/,
  ],
  ["oom", 0, /^container main crashes \(OOMKilled: it needs more memory than 16Mi\), restarted 5 times$/],
  ["killed-by-liveness", 0, /^container main crashes \(Liveness probe failed\), restarted 6 times$/],
  ["no-image", 0, /^container main has no image \(.*i\/o timeout\)$/],
  ["no-image-init", 0, /^init step step has no image \(.*i\/o timeout\)$/],
  ["no-secret", 0, /^container main cannot be created \(secret "litellm-credentials" not found\)$/],
  ["root-user", 0, /^container main cannot be created \(container has runAsNonRoot and image will run as root/],
  ["no-program", 0, /^container main crashes \(.*stat \/no\/such\/program.*\), restarted \d times$/],
  ["no-class", 0, /^volume no-class: storageclass\.storage\.k8s\.io "not-there" not found$/],
  ["forbidden", 30, /^may have no pod: .*violates PodSecurity "restricted:latest"/],
];

async function snapshotOf(name: string): Promise<Snapshot> {
  const lines = (await Deno.readTextFile(new URL(`${name}.jsonl`, import.meta.url))).trim().split("\n");
  return readSnapshot([`{"items":[${lines.join(",")}]}`]);
}

function stateOf(snapshot: Snapshot, name: string): WorkloadState {
  const namespace = name === "forbidden" ? "strict" : "fx";
  const states = workloadStates(snapshot, [{ namespace, name }]);
  const [state] = states;
  assert.ok(state !== undefined && states.length === 1, name);
  return state;
}

for (const [moment, expected] of [["pods_after_6_s", EARLY], ["pods_after_4_min", LATE]] as const) {
  Deno.test(`${moment}: what each workload waits for, and whether it may recover`, async (t) => {
    const snapshot = await snapshotOf(moment);
    for (const [name, patience, what] of expected) {
      await t.step(name, () => {
        const { wait } = stateOf(snapshot, name);
        assert.match(wait?.what ?? "", what);
        assert.equal(wait === undefined ? "ready" : wait.patience ?? "waits", patience);
      });
    }
  });
}

Deno.test("the table agrees with the list of workloads that will not recover", () => {
  const hopeless = LATE.filter(([, patience]) => typeof patience === "number").map((
    [name, patience],
  ) => [name, patience]);
  assert.deepEqual(Object.fromEntries(hopeless), UNRECOVERABLE);
});

/** Returns a snapshot with some objects changed. */
function changed(snapshot: Snapshot, change: (copy: Snapshot) => void): Snapshot {
  const copy = structuredClone(snapshot);
  change(copy);
  return copy;
}

Deno.test("an image that could not be pulled twice may still be pulled", async () => {
  const late = await snapshotOf("pods_after_4_min");
  const twice = changed(late, ({ events }) => {
    for (const event of events) if (event.reason === "Pulling") Object.assign(event, { count: 2 });
  });
  assert.equal(stateOf(late, "no-image").wait?.patience, 0);
  assert.equal(stateOf(twice, "no-image").wait?.patience, undefined);
});

Deno.test("a started sidecar that is not ready is reported if everything else is ready", async () => {
  const waits = changed(await snapshotOf("pods_after_4_min"), ({ pods }) => {
    const status = pods.find(({ metadata }) => metadata?.name?.startsWith("side-starts-"))?.status;
    for (const sidecar of status?.initContainerStatuses ?? []) Object.assign(sidecar, { started: true, ready: false });
    for (const container of status?.containerStatuses ?? []) Object.assign(container, { started: true, ready: true });
  });
  assert.match(stateOf(waits, "side-starts").wait?.what ?? "", /^sidecar \S+ is not ready/);
});

Deno.test("a container that runs again after three crashes may recover, and its restarts are reported", async () => {
  const runs = changed(await snapshotOf("pods_after_4_min"), ({ pods }) => {
    const status = pods.find(({ metadata }) => metadata?.name?.startsWith("crashes-"))?.status?.containerStatuses?.[0];
    Object.assign(status ?? {}, { state: { running: { startedAt: "2026-11-22T19:44:00Z" } }, started: true });
  });
  const { wait } = stateOf(runs, "crashes");
  assert.deepEqual(wait, {
    what: "container main is not ready, restarted 5 times",
    container: "main",
    since: "2026-11-22T19:44:00Z",
  });
});

Deno.test("pods of an older revision are ignored, and the new pod waits for them to stop", async () => {
  const early = await snapshotOf("pods_after_6_s");
  const next = changed(early, ({ deployments, replicaSets }) => {
    const deployment = deployments.find(({ metadata }) => metadata?.name === "crashes");
    const old = replicaSets.find(({ metadata }) => metadata?.name?.startsWith("crashes-"));
    Object.assign(deployment?.metadata?.annotations ?? {}, { "deployment.kubernetes.io/revision": "2" });
    const name = "crashes-new";
    const annotations = { "deployment.kubernetes.io/revision": "2" };
    (replicaSets as unknown[]).push({ ...old, metadata: { ...old?.metadata, name, annotations }, status: {} });
  });
  assert.equal(stateOf(next, "crashes").wait?.what, "waits for its older pod to stop");
  assert.equal(stateOf(next, "crashes").wait?.patience, undefined);
});

Deno.test("a Deployment is ready under the same conditions as for kubectl rollout status", async () => {
  const early = await snapshotOf("pods_after_6_s");
  const status = (change: object) =>
    stateOf(
      changed(early, ({ deployments }) => {
        const deployment = deployments.find(({ metadata }) => metadata?.name === "available");
        Object.assign(deployment?.status ?? {}, change);
      }),
      "available",
    ).wait?.what;
  assert.equal(status({}), undefined);
  assert.equal(status({ availableReplicas: 0 }), "is ready; older pods are being stopped");
  assert.equal(status({ replicas: 2 }), "is ready; older pods are being stopped");
  assert.equal(status({ observedGeneration: 0 }), "not observed yet");
  assert.equal(stateOf(early, "none").wait?.what, "is not there");
});

Deno.test("a container's output cannot control the terminal", async () => {
  const evil = changed(await snapshotOf("pods_after_4_min"), ({ pods }) => {
    const status = pods.find(({ metadata }) => metadata?.name?.startsWith("init-fails-"))?.status;
    const terminated = status?.initContainerStatuses?.[0]?.lastState?.terminated;
    const state = {
      terminated: { ...terminated, exitCode: 3, message: "\x1b[31mred\x1b]0;title\x07\x9b2J bell\x07\r\n" },
    };
    Object.assign(status?.initContainerStatuses?.[0] ?? {}, { state });
  });
  assert.match(stateOf(evil, "init-fails").wait?.what ?? "", /^[\x20-\x7e]*exit status 3: red[\x20-\x7e]*$/);
});

Deno.test("the scheduler's earlier message is not reported once it has found a node", async () => {
  const early = await snapshotOf("pods_after_6_s");
  const pod = early.pods.find(({ metadata }) => metadata?.name?.startsWith("no-volume-"));
  const scheduled = changed(early, ({ events }) => {
    const about = { kind: "Pod", name: pod?.metadata?.name, namespace: "fx" };
    const said = {
      type: "Warning",
      reason: "FailedScheduling",
      message: "no volume yet",
      lastTimestamp: "2099-01-01T00:00:00Z",
    };
    (events as unknown[]).push({ kind: "Event", involvedObject: about, ...said });
  });
  assert.match(stateOf(scheduled, "no-volume").wait?.what ?? "", /MountVolume\.SetUp failed/);
});
