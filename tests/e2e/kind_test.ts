/**
 * The local trial on real Kubernetes (requirements C1, C3, C4). After one `kubectl apply -k` of the committed overlay on an
 * empty cluster, the mock answers. With a key in the user's own overlay, Anthropic does. The assistant keeps its memory across
 * restarts, and the deletion leaves nothing behind.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { tool } from "../support/tools.ts";
import { ANTHROPIC_HOST, CA_FILE } from "../support/runtime/anthropic.ts";
import { anthropicStub, STUB_ANSWER } from "../support/runtime/anthropic_stub.ts";
import { certificateFor } from "../support/runtime/certificate.ts";
import { runTask } from "../unit/tasks/process.ts";
import { tempDir } from "../support/temp_dir.ts";
import { type Cluster, givenOr, ownStep, startCluster, WORLD_ADDRESS } from "../support/cluster/cluster.ts";
import { imagesOf } from "../support/cluster/images.ts";
import type { Kubectl } from "../support/cluster/kubectl.ts";
import { added, everything } from "../support/cluster/leftovers.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import {
  inPod,
  KIND,
  loadSandboxImage,
  lost,
  NAMESPACE,
  NOTE,
  objectsIn,
  say,
  untilAvailable,
  WORD,
} from "../support/cluster/trial.ts";
import { type From, isOpenOnceSettled } from "../support/cluster/connections.ts";

const runtime = await tool("a Kubernetes node", clusterRuntime);

const STRANGER_NAMESPACE = "openclaw-pack-stranger";
/** Has the form of a key (docs/getting-started.md), but is plainly not one. */
const STUB_KEY = "sk-ant-fake-key-of-a-test";

Deno.test({
  name: "the local trial answers after one apply, loses nothing, and leaves nothing behind",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await givenOr(startCluster);
    await cluster.addImages(imagesOf(await objectsIn(cluster)));
    await cluster.run(["wait", "--for=delete", "namespace/cluster-gate", "--timeout=60s"]);
    const before = await everything(cluster);

    await using dir = await tempDir();
    await dir.write("pack.yaml", "");
    const restore = async (...args: string[]) => {
      const environment = { KUBECONFIG: cluster.kubeconfig };
      const on = ["--context", cluster.context];
      const { code, stdout, stderr } = await runTask("restore", dir, [...on, ...args], environment);
      assert.equal(code, 0, stdout + stderr);
      return stdout;
    };
    const began = Date.now();
    await t.step("one apply makes every Deployment available", async () => {
      await cluster.run(["apply", "-k", KIND]);
      await loadSandboxImage(cluster);
      await untilAvailable(cluster);
    });
    await t.step("without a key the mock answers", async () => {
      const { text } = await say(cluster, `say hi, and remember ${WORD}`);
      assert.match(text, /This is the mock/);
      console.log(`from apply to the first answer: ${Math.round((Date.now() - began) / 1000)} s`);
    });
    await t.step("a second apply changes nothing", async () => {
      const before = await versions(cluster);
      await cluster.run(["apply", "-k", KIND]);
      assert.deepEqual(await versions(cluster), before);
      // Control: a manual change is detected and reverted.
      await cluster.run(["scale", `--namespace=${NAMESPACE}`, "deployment/litellm", "--replicas=2"]);
      await cluster.run(["apply", "-k", KIND]);
      assert.deepEqual(added(before, await versions(cluster)), ["Deployment litellm 3"]);
      await untilAvailable(cluster);
    });
    await t.step("the NetworkPolicies hold", async () => {
      await using connections = await connectionsOf(cluster);
      const wrong = async (expected: (row: Connection) => boolean) => {
        const names = await Promise.all(connections.rows.map(async (row) => {
          const is = await isOpenOnceSettled(cluster, row.from, row.to, expected(row));
          return is === expected(row) ? [] : [`${row.name} is ${is ? "open" : "shut"}`];
        }));
        return names.flat();
      };
      assert.deepEqual(await wrong(({ open }) => open), []);
      // Control: without the policies each connection is open, so something listens on each address.
      await cluster.run(["delete", "networkpolicy", `--namespace=${NAMESPACE}`, "--all"]);
      assert.deepEqual(await wrong(() => true), []);
      await cluster.run(["apply", "-k", KIND]);
      assert.deepEqual(await wrong(({ open }) => open), []);
    });
    await t.step("a restart of each pod loses nothing", async () => {
      await cluster.exec(inPod("openclaw"), ["sh", "-c", `echo ${WORD} >${NOTE}`]);
      await cluster.run(["delete", "pod", `--namespace=${NAMESPACE}`, "--all"]);
      await untilAvailable(cluster);
      assert.deepEqual(await lost(cluster), []);
      assert.match((await say(cluster, "say hi again")).text, /This is the mock/);
    });
    const stubbed = "a stub replaces Anthropic";
    await ownStep(t, cluster, "with a key in the user's own overlay Anthropic answers", stubbed, async (own) => {
      const { ca, ...tls } = await certificateFor(ANTHROPIC_HOST);
      await using stub = anthropicStub("127.0.0.1", { tls });
      await using _relay = await own.serveWorld(443, Number(new URL(stub.url).port));
      await using userOverlay = await tempDir();
      await userOverlay.write("ca.crt", ca);
      await userOverlay.write("kustomization.yaml", await overlayOfTheUser(userOverlay.path));
      await cluster.run(["apply", "-k", userOverlay.path]);
      await cluster.run(["rollout", "restart", `--namespace=${NAMESPACE}`, "deployment/litellm"]);
      await untilAvailable(cluster);
      assert.equal((await say(cluster, "and now for real")).text, STUB_ANSWER);
      assert.deepEqual([...new Set(stub.requests.map(({ key }) => key))], [STUB_KEY]);
      for (const pod of [inPod("openclaw"), inPod("litellm")]) {
        const { stdout } = await cluster.exec(pod, ["sh", "-c", "cat /proc/[0-9]*/environ"]);
        assert.ok(stdout.includes("LITELLM_PROXY_KEY") && !stdout.includes(STUB_KEY), pod.join(" "));
      }
    });
    await t.step(
      "a Job of the CronJob creates an archive while the gateway runs, and a restore test reads it",
      async () => {
        await cluster.run(["create", "job", `--namespace=${NAMESPACE}`, "--from=cronjob/openclaw-backup", "now"]);
        const done = ["--for=condition=Complete", "job/now", "--timeout=180s"];
        await cluster.run(["wait", `--namespace=${NAMESPACE}`, ...done], { timeoutMs: 190_000 });
        assert.match(await restore("--list"), /^openclaw-\w+\.tar\.gz {2}\d{4}-/m);
        assert.match(await restore("--drill"), /restores: [1-9]\d* sessions/);
      },
    );
    const onDisk = "it deletes files on the node's disk";
    await ownStep(
      t,
      cluster,
      "control: without the files of its volumes the assistant remembers nothing",
      onDisk,
      async (own) => {
        const scale = (replicas: number) =>
          cluster.run(["scale", `--namespace=${NAMESPACE}`, "deployment/openclaw", `--replicas=${replicas}`]);
        await scale(0);
        const gone = ["--for=delete", "pod", "--selector=app.kubernetes.io/name=openclaw", "--timeout=90s"];
        await cluster.run(["wait", `--namespace=${NAMESPACE}`, ...gone]);
        const volumes = join(own.machine.folder, "lib/volumes");
        for await (const { name } of Deno.readDir(volumes)) {
          for (const folder of [".openclaw", "main"]) {
            await Deno.remove(join(volumes, name, folder), { recursive: true }).catch(() => undefined);
          }
        }
        await scale(1);
        await loadSandboxImage(own);
        await untilAvailable(cluster);
        assert.deepEqual(await lost(cluster), ["the conversation", "the agent's file"]);
      },
    );
    await t.step("the archive brings both back", async () => {
      const output = await restore("--archive", "latest", "--yes");
      assert.match(output, /^restore: the state before it is kept as .*\nrestore: the restored state is in place$/m);
      assert.deepEqual(await lost(cluster), []);
    });
    await t.step("kubectl delete -k leaves nothing", async () => {
      // Control: the created objects are found.
      assert.ok(added(before, await everything(cluster)).includes(`Namespace - ${NAMESPACE}`));
      const { items } = await cluster.get("persistentvolumeclaim", `--namespace=${NAMESPACE}`);
      await cluster.run(["delete", "-k", KIND], { timeoutMs: 180_000 });
      for (const { spec } of items) {
        await cluster.run(["wait", "--for=delete", `persistentvolume/${spec.volumeName}`, "--timeout=60s"]);
      }
      assert.deepEqual(added(before, await everything(cluster)), []);
    });
  },
});

/**
 * Returns the objects of the overlay, each with its resource version. A Deployment has its generation instead, because its
 * resource version changes with its pods.
 */
async function versions(cluster: Kubectl): Promise<string[]> {
  const kinds = "configmaps,secrets,services,persistentvolumeclaims,networkpolicies,deployments";
  const { items } = await cluster.get(kinds, `--namespace=${NAMESPACE}`);
  type Item = { kind: string; metadata: { name: string; resourceVersion: string; generation: number } };
  return (items as Item[]).map(({ kind, metadata: { name, resourceVersion, generation } }) =>
    `${kind} ${name} ${kind === "Deployment" ? generation : resourceVersion}`
  );
}

interface Connection {
  readonly name: string;
  readonly from: From;
  readonly to: string;
  readonly open: boolean;
}

/** Returns connections into, out of and within the trial. The stranger is a pod with LiteLLM's image in its own namespace. */
async function connectionsOf(cluster: Cluster) {
  const stack = new AsyncDisposableStack();
  const litellm = imagesOf(await objectsIn(cluster)).find((image) => image.includes("litellm"));
  await cluster.run(["create", "namespace", STRANGER_NAMESPACE]);
  stack.defer(async () => void await cluster.run(["delete", "namespace", STRANGER_NAMESPACE, "--timeout=60s"]));
  // Python ignores SIGTERM when it runs as process 1.
  const overrides = `--overrides=${JSON.stringify({ spec: { terminationGracePeriodSeconds: 0 } })}`;
  const command = ["--command", "--", "python3", "-m", "http.server", "8080"];
  await cluster.run([
    "run",
    "stranger",
    `--namespace=${STRANGER_NAMESPACE}`,
    `--image=${litellm}`,
    overrides,
    ...command,
  ]);
  const ready = ["wait", `--namespace=${STRANGER_NAMESPACE}`, "--for=condition=Ready", "pod/stranger"];
  await cluster.run([...ready, "--timeout=120s"]);
  const { status } = await cluster.get("pod", "stranger", `--namespace=${STRANGER_NAMESPACE}`);
  const node =
    (await cluster.get("nodes")).items[0].status.addresses.find(({ type }: { type: string }) => type === "InternalIP")
      .address;
  const gateway: From = { target: inPod("openclaw"), by: "node" };
  const proxy: From = { target: inPod("litellm"), by: "python3" };
  const stranger: From = { target: [`--namespace=${STRANGER_NAMESPACE}`, "stranger"], by: "python3" };
  const service = (name: string, port: number) => `${name}.${NAMESPACE}.svc.cluster.local:${port}`;
  const api = "kubernetes.default.svc.cluster.local:443";
  const rows: Connection[] = [
    { name: "gateway to LiteLLM", from: gateway, to: service("litellm", 4000), open: true },
    { name: "gateway to the API server", from: gateway, to: api, open: false },
    { name: "gateway to the kubelet", from: gateway, to: `${node}:10250`, open: false },
    { name: "gateway to a stranger", from: gateway, to: `${status.podIP}:8080`, open: false },
    { name: "LiteLLM to the gateway", from: proxy, to: service("openclaw", 18789), open: false },
    { name: "LiteLLM to the API server", from: proxy, to: api, open: false },
    { name: "LiteLLM to a stranger", from: proxy, to: `${status.podIP}:8080`, open: false },
    { name: "a stranger to the gateway", from: stranger, to: service("openclaw", 18789), open: false },
    { name: "a stranger to LiteLLM", from: stranger, to: service("litellm", 4000), open: false },
  ];
  const { own } = cluster;
  if (own !== undefined) {
    const site = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("world\n"));
    stack.defer(() => site.shutdown());
    for (const port of [443, 5432]) stack.use(await own.serveWorld(port, site.addr.port));
    for (const [name, from] of [["gateway", gateway], ["LiteLLM", proxy]] as const) {
      rows.push({ name: `${name} to the internet by HTTPS`, from, to: `${WORLD_ADDRESS}:443`, open: true });
      rows.push({ name: `${name} to another port of the internet`, from, to: `${WORLD_ADDRESS}:5432`, open: false });
    }
  }
  return { rows, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Returns the overlay from docs/getting-started.md with a fake key. LiteLLM's pod trusts the stub's certificate. */
async function overlayOfTheUser(folder: string): Promise<string> {
  const docs = await Deno.readTextFile(new URL("../../docs/getting-started.md", import.meta.url));
  const text = docs.match(/kustomization\.yaml <<'END'\n(.*?)END\n/s)?.[1];
  assert.ok(text !== undefined && text.includes("[../kind]") && text.includes("sk-ant-..."), "docs/getting-started.md");
  const mount = `{ name: ca, mountPath: ${CA_FILE}, subPath: ca.crt }`;
  return text
    .replace("../kind", relative(await Deno.realPath(folder), KIND))
    .replace("sk-ant-...", STUB_KEY) +
    `  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: litellm, namespace: ${NAMESPACE} }
      spec:
        template:
          spec:
            containers: [{ name: key-proxy, volumeMounts: [${mount}] }]
            volumes: [{ name: ca, configMap: { name: stub-ca } }]
configMapGenerator:
  - { name: stub-ca, namespace: ${NAMESPACE}, files: [ca.crt] }
`;
}
