/**
 * The tests' own cluster itself: it detects that NetworkPolicies are not enforced, two clusters do not interfere, and a cluster
 * whose test is killed leaves nothing on the machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exec, runOrThrow, tool } from "../support/tools.ts";
import { startCluster, startControlPlaneOnly, WORLD_ADDRESS } from "../support/cluster/cluster.ts";
import { type Kubectl, until } from "../support/cluster/kubectl.ts";
import { PROBE_IMAGE } from "../support/cluster/images.ts";
import { cgroupFolders, clusterRuntime } from "../support/cluster/needs.ts";
import { passGate, startPolicyEngine } from "../support/cluster/policy.ts";

const runtime = await tool("a Kubernetes node", clusterRuntime);

/** Kernel settings that a kubelet changes for the entire machine. */
const SETTINGS = ["kernel.panic", "kernel.panic_on_oops", "vm.overcommit_memory", "vm.panic_on_oom"];

Deno.test({
  name: "of two parallel clusters the killed one leaves nothing, and the one without a policy engine fails the gate",
  ignore: runtime.ignore,
  fn: async () => {
    const settings = async () => (await runOrThrow("sysctl", SETTINGS)).stdout;
    const before = await settings();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", fileURLToPath(new URL("../support/cluster/up.ts", import.meta.url))],
      stdout: "piped",
    }).spawn();
    const printed = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const [line, cluster] = await Promise.all([printed.read(), startCluster({ policies: false })]);
    await using _ = cluster;
    const folder = dirname(line.value?.match(/KUBECONFIG=(.*)/)?.[1] ?? "");
    // Control: a running cluster has these traces.
    assert.deepEqual(await traces(folder), ["a cgroup", "a folder", "a process"]);
    assert.equal(await settings(), before);
    child.kill("SIGKILL");
    await child.status;
    await printed.cancel();
    await until("all traces to be removed", async () => (await traces(folder)).length === 0, { timeoutMs: 30_000 });

    await assert.rejects(
      passGate(cluster.machine, cluster, 5_000),
      /a connection blocked by a NetworkPolicy: not within 5 s/,
    );
    await startPolicyEngine(cluster.machine, { asPublished: true });
    await assert.rejects(passGate(cluster.machine, cluster, 5_000), /has given up: .* Aborting sync/);
    await until("a name of the internet to resolve", async () => {
      const { stdout } = await cluster.exec(["--namespace=cluster-gate", "prober"], [
        "probe",
        "resolve",
        "world.example",
      ]);
      return stdout.trim() === WORLD_ADDRESS;
    });
    assert.deepEqual(await volumeModes(cluster), { standard: "777 0 0", longhorn: "2775 0 1000" });
  },
});

Deno.test({
  name: "a control plane without nodes answers, admits valid objects and refuses invalid ones",
  ignore: runtime.ignore,
  fn: async () => {
    await using cluster = await startControlPlaneOnly();
    const claim = { apiVersion: "v1", kind: "Secret", metadata: { name: "fake" }, stringData: { KEY: "fake-value" } };
    const create = (object: unknown) => cluster.kubectl(["create", "-f", "-"], { stdin: JSON.stringify(object) });
    assert.equal((await create(claim)).code, 0);
    assert.notEqual((await create({ ...claim, stringData: ["fake"] })).code, 0);
    const { code, stderr } = await exec("kubectl", ["--kubeconfig", cluster.kubeconfig, "get", "nodes"]);
    assert.equal(code, 0);
    assert.match(stderr, /No resources found/);
  },
});

/** Returns mode, owner and group of a volume of each class, as a pod with fsGroup 1000 sees them. */
async function volumeModes(cluster: Kubectl): Promise<Record<string, string>> {
  const claim = (name: string) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name },
    spec: { storageClassName: name, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  const classes = ["standard", "longhorn"];
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "volumes" },
    spec: {
      securityContext: { fsGroup: 1000 },
      containers: [{
        name: "volumes",
        image: PROBE_IMAGE,
        args: ["serve", "volumes", ":8080"],
        volumeMounts: classes.map((name) => ({ name, mountPath: `/${name}` })),
      }],
      volumes: classes.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    },
  };
  const list = { apiVersion: "v1", kind: "List", items: [...classes.map(claim), pod] };
  await cluster.run(["create", "-f", "-"], { stdin: JSON.stringify(list) });
  await cluster.run(["wait", "--for=condition=Ready", "pod/volumes", "--timeout=60s"]);
  const stat = async (name: string) => (await cluster.exec(["volumes"], ["stat", "-c", "%a %u %g", `/${name}`])).stdout;
  return Object.fromEntries(await Promise.all(classes.map(async (name) => [name, (await stat(name)).trim()])));
}

/** Returns what exists on the machine of the cluster with this folder. */
async function traces(folder: string): Promise<string[]> {
  const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
  const name = basename(folder);
  const cgroups = await Promise.all((await cgroupFolders()).map((base) => exists(join(base, name))));
  const { code } = await exec("pgrep", ["--full", `cgroup-root=/${name}|${folder}`]);
  return [
    ...(cgroups.includes(true) ? ["a cgroup"] : []),
    ...(await exists(folder) ? ["a folder"] : []),
    ...(code === 0 ? ["a process"] : []),
  ];
}
