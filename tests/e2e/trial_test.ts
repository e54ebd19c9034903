/**
 * `deno task trial` on real Kubernetes (requirement C5): every command as a user runs it, and the report on pods that fail in
 * every known way.
 *
 * @module
 */

import assert from "node:assert/strict";
import { DATA_GUARD } from "../../src/tables/names.ts";
import { OWN_OVERLAY } from "../../src/commands/trial/overlay.ts";
import { takeSnapshot } from "../../src/cluster/snapshot.ts";
import { workloadStates } from "../../src/cluster/workload_state.ts";
import { runOrThrow, tool } from "../support/tools.ts";
import { runTask, taskCommand } from "../unit/tasks/process.ts";
import { type TempDir, tempDir } from "../support/temp_dir.ts";
import { failingWorkloads, NAMESPACES, UNRECOVERABLE } from "../unit/commands/trial/failing_workloads.ts";
import { type Cluster, givenOr, startCluster } from "../support/cluster/cluster.ts";
import { imagesOf, PROBE_IMAGE } from "../support/cluster/images.ts";
import { packKubectl, until } from "../support/cluster/kubectl.ts";
import { added, everything } from "../support/cluster/leftovers.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { conversation, loadSandboxImage, NAMESPACE, objectsIn } from "../support/cluster/trial.ts";

const runtime = await tool("a Kubernetes node", clusterRuntime);
const KUSTOMIZATION = `${OWN_OVERLAY}/kustomization.yaml`;

/** Creates a project as a user has it: the files that the task reads, and a cluster in the kubeconfig. */
async function project({ context, kubeconfig }: Cluster) {
  const dir = await tempDir();
  await dir.write("pack.yaml", "");
  await runOrThrow("cp", ["-r", new URL("../../kustomize", import.meta.url).pathname, dir.path]);
  const environment = { KUBECONFIG: kubeconfig };
  const on = ["--context", context];
  const trial = (...args: string[]) => runTask("trial", dir, args, environment);
  return { dir, trial, on, environment };
}

/** Uncomments a line of the user's overlay and sets its value. */
async function setValue(dir: TempDir, path: string, value: string): Promise<void> {
  const text = await dir.read(KUSTOMIZATION);
  const line = new RegExp(`# (- \\{ op: add, path: ${path}, value: ).*`);
  assert.match(text, line);
  await dir.write(KUSTOMIZATION, text.replace(line, `$1${value} }`));
}

Deno.test({
  name: "deno task trial: up, status, chat, open, init, down",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await givenOr(startCluster);
    const { context } = cluster;
    await cluster.addImages(imagesOf(await objectsIn(cluster)));
    await cluster.run(["wait", "--for=delete", "namespace/cluster-gate", "--timeout=60s"]);
    const { dir, trial, on, environment } = await project(cluster);
    await using _dir = dir;
    const before = await everything(cluster);

    await t.step("up ends when the assistant is ready, and reports what it waited for", async () => {
      const [{ code, stdout, stderr }] = await Promise.all([trial("up", ...on), loadSandboxImage(cluster)]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /openclaw-\S+: container openclaw starts/);
      for (const name of ["litellm", "openclaw"]) assert.match(stderr, new RegExp(`${name}-\\S+: ready\n`));
      const [, took] = stdout.match(/^ready after (.*)\n/) ?? [];
      console.log(`up: ${took}`);
      const [, command = ""] = stdout.match(/its token +(.*)/) ?? [];
      const { stdout: token } = await runOrThrow("sh", ["-c", command], { env: environment });
      const store = await dir.read("kustomize/overlays/trial/fake-ssm.yaml");
      assert.ok(token.trim() !== "" && store.includes(`OPENCLAW_GATEWAY_TOKEN: ${token}`));
      assert.ok(!(stdout + stderr).includes(token.trim()));
    });
    await t.step("status reports that every pod is ready", async () => {
      const { code, stdout } = await trial("status", ...on);
      assert.equal(code, 0);
      assert.match(stdout, /^litellm-\S+ +2\/2 +ready$/m);
      assert.match(stdout, /^openclaw-\S+ +3\/3 +ready$/m);
    });
    await t.step("chat prints the answer, and the message arrives unchanged", async () => {
      const message = 'it\'s $HOME "quoted" `id`; --help';
      const { code, stdout, stderr } = await trial("chat", ...on, message);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^This is the mock.*\n$/);
      assert.ok((await conversation(cluster)).includes(JSON.stringify(message).slice(1, -1)));
    });
    await t.step("open forwards a port to the gateway, and reports a port that is in use", async () => {
      const port = freePort();
      const child = taskCommand("trial", dir, ["open", ...on, "--port", port], environment).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { value = "" } = await reader.read();
      const url = value.match(/^http:\S+/)?.[0] ?? "";
      assert.deepEqual(await (await fetch(new URL("healthz", url))).json(), { ok: true, status: "live" });
      const second = await trial("open", ...on, "--port", port);
      assert.deepEqual([second.code, second.stdout], [1, ""]);
      assert.match(second.stderr, new RegExp(`^port ${port} on this machine is in use`));
      child.kill("SIGTERM");
      await Promise.all([reader.cancel(), child.stderr.cancel()]);
      assert.equal((await child.status).code, 0);
      await assert.rejects(fetch(url), "the port is free again");
    });
    await t.step("the user's own value arrives with the next up, and nothing restarts unnecessarily", async () => {
      assert.equal((await trial("init")).code, 0);
      const unchanged = await trial("up", ...on);
      const same = new RegExp(`^kustomize/overlays/mine in ${context}: \\d+ objects, 0 created or changed\n`);
      assert.match(unchanged.stderr, same);
      await setValue(dir, "/stringData/ANTHROPIC_API_KEY", "fake-key-of-a-test");
      const { code, stderr } = await trial("up", ...on);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /, 1 created or changed\nlitellm restarts: its Secret changed\n/);
      const pod = [
        "exec",
        `--namespace=${NAMESPACE}`,
        "deployment/litellm",
        "--container=key-proxy",
        "--",
        "printenv",
        "ANTHROPIC_API_KEY",
      ];
      assert.equal((await cluster.run(pod)).trim(), "fake-key-of-a-test");
    });
    await t.step("control: up explains why a pod cannot run, and stops waiting for it", async () => {
      const good = await dir.read(KUSTOMIZATION);
      await dir.write(
        KUSTOMIZATION,
        `${good}  - target: { kind: Deployment, name: litellm, namespace: ${NAMESPACE} }
    patch: |
      - { op: replace, path: /spec/template/spec/containers/0/resources, value: { limits: { memory: 64Mi } } }
`,
      );
      const { code, stdout, stderr } = await trial("up", ...on, "--timeout", "5m");
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /failed after (\d+ s|1 min \d+ s|2 min \d+ s): will not recover\n/);
      assert.match(
        stderr,
        /container litellm crashes \(OOMKilled: it needs more memory than 64Mi\), restarted 3 times\n/,
      );
      assert.equal((await trial("status", ...on)).code, 1);
      await dir.write(KUSTOMIZATION, good);
    });
    await t.step("up and down refuse production", async () => {
      const policy = `${dir.path}/kustomize/overlays/prod/validatingadmissionpolicy-${DATA_GUARD}.yaml`;
      await cluster.run(["apply", "-f", policy]);
      for (const command of [["up"], ["down", "--yes"]]) {
        const { code, stderr } = await trial(...command, ...on);
        assert.equal(code, 1);
        assert.ok(stderr.startsWith(`${context} holds production (the data guard`), stderr);
      }
      await cluster.run(["patch", "-f", policy, "--type=merge", '--patch={"metadata":{"finalizers":null}}']);
      await cluster.run(["delete", "-f", policy]);
    });
    await t.step("down keeps objects that no trial created, and their namespace", async () => {
      await cluster.run(["create", "configmap", "world", `--namespace=${NAMESPACE}`, "--from-literal=seed=42"]);
      const own = (await cluster.run(["get", "pvc", `--namespace=${NAMESPACE}`, "--output=name"])).trim().split("\n");
      const claims = ["openclaw-backups", "openclaw-data", "openclaw-workspace"];
      assert.deepEqual(own, claims.map((name) => `persistentvolumeclaim/${name}`));
      const { code, stdout, stderr } = await trial("down", "--yes", ...on);
      assert.equal(code, 0, stderr);
      assert.equal(
        stdout,
        `the trial is deleted; namespace ${NAMESPACE} in ${context} stays, because no trial created: configmap/world\n`,
      );
      const left = await cluster.run([
        ...["get", "deployments,statefulsets,pods,pvc,secrets,configmaps", `--namespace=${NAMESPACE}`, "--output=name"],
      ]);
      assert.deepEqual(left.trim().split("\n").toSorted(), ["configmap/kube-root-ca.crt", "configmap/world"]);
      await cluster.run(["delete", "configmap", "world", `--namespace=${NAMESPACE}`]);
    });
    await t.step("down leaves nothing", async () => {
      assert.ok(added(before, await everything(cluster)).includes(`Namespace - ${NAMESPACE}`));
      const { code, stdout, stderr } = await trial("down", "--yes", ...on);
      assert.equal(code, 0, stderr);
      assert.equal(stdout, `namespace ${NAMESPACE} in ${context} is deleted; nothing is left\n`);
      assert.deepEqual(added(before, await everything(cluster)), []);
    });
    await t.step("a namespace that no trial created is neither taken over nor deleted", async () => {
      await cluster.run(["create", "namespace", NAMESPACE]);
      for (const command of [["up"], ["down", "--yes"]]) {
        const { code, stdout, stderr } = await trial(...command, ...on);
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, new RegExp(`^namespace ${NAMESPACE} in ${context} exists and no trial created it`));
      }
      assert.deepEqual(added(before, await everything(cluster)).filter((line) => line.startsWith("Deployment")), []);
      await cluster.run(["delete", "namespace", NAMESPACE]);
    });
  },
});

Deno.test({
  name: "a trial reports for each failing pod whether it will recover, by the pod's own status",
  ignore: runtime.ignore,
  fn: async () => {
    await using cluster = await givenOr(() => startCluster({ policies: false }));
    await cluster.addImages([PROBE_IMAGE]);
    await using dir = await tempDir();
    // An image with a shell that the cluster has already pulled for the trial.
    const pulled = imagesOf(await objectsIn(cluster)).find((image) => image.includes("litellm"));
    const items = failingWorkloads(cluster.own === undefined ? pulled ?? "" : PROBE_IMAGE);
    await dir.write("failing.json", JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await cluster.apply(`${dir.path}/failing.json`);
    const kubectl = await packKubectl(cluster);
    const verdicts = async () => {
      const snapshot = await takeSnapshot(kubectl, NAMESPACES);
      const ids = snapshot.deployments.map(({ metadata }) => ({
        namespace: metadata?.namespace ?? "",
        name: metadata?.name ?? "",
      }));
      return workloadStates(snapshot, ids).map(({ workload, wait }) => [workload.name, wait] as const);
    };
    const mayRecover = (name: string) =>
      ["available", "init-runs", "side-starts", "probe-fails", "not-ready", "no-volume"].includes(name);
    const seen = new Map<string, number>();
    await until("each unrecoverable workload to be reported", async () => {
      for (const [name, wait] of await verdicts()) {
        assert.ok(wait?.maxWait === undefined || !mayRecover(name), `${name} may recover: ${wait?.what}`);
        // A container that is being restarted is checked again later.
        if (wait?.maxWait !== undefined) seen.set(name, wait.maxWait);
      }
      const open = Object.keys(UNRECOVERABLE).filter((name) => !seen.has(name));
      if (open.length > 0) throw new Error(`not yet ${open.join(", ")}`);
      return true;
    }, { timeoutMs: 180_000, everyMs: 2000 });
    assert.deepEqual(
      Object.fromEntries([...seen].toSorted()),
      Object.fromEntries(Object.entries(UNRECOVERABLE).toSorted()),
    );
    // A container that its liveness probe kills is available for a moment after each restart.
    await until("all workloads but one to wait for something", async () => {
      const [name, ...more] = (await verdicts()).filter(([, wait]) => wait === undefined).map(([name]) => name);
      return name === "available" && more.length === 0;
    });
  },
});

/** Returns a port that was free a moment ago. */
function freePort(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return String(listener.addr.port);
}
