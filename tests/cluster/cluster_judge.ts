/**
 * The tests' own cluster itself: it shows when NetworkPolicies are not enforced, two do not meet, and one whose test is killed
 * leaves nothing on the machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exec, must, part } from "../judges/parts.ts";
import { startCluster, startControlPlaneOnly, WORLD_ADDRESS } from "./cluster.ts";
import { until } from "./kubectl.ts";
import { cgroupFolders, clusterRuntime } from "./needs.ts";
import { passGate } from "./policy.ts";

const runtime = await part("a Kubernetes node", clusterRuntime);

/** What a kubelet sets for the whole machine. */
const SETTINGS = ["kernel.panic", "kernel.panic_on_oops", "vm.overcommit_memory", "vm.panic_on_oom"];

Deno.test({
  name: "two clusters at once; the one that is killed leaves nothing, the one without an engine does not pass the gate",
  ignore: runtime.ignore,
  fn: async () => {
    const settings = async () => (await must("sysctl", SETTINGS)).stdout;
    const before = await settings();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", fileURLToPath(new URL("up.ts", import.meta.url))],
      stdout: "piped",
    }).spawn();
    const printed = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const [told, cluster] = await Promise.all([printed.read(), startCluster({ policies: false })]);
    await using _ = cluster;
    const folder = dirname(told.value?.match(/KUBECONFIG=(.*)/)?.[1] ?? "");
    // Seen red: these are the traces of one that runs.
    assert.deepEqual(await traces(folder), ["a cgroup", "a folder", "a process"]);
    assert.equal(await settings(), before);
    child.kill("SIGKILL");
    await child.status;
    await printed.cancel();
    await until("the end of all traces", async () => (await traces(folder)).length === 0, { timeoutMs: 30_000 });

    await assert.rejects(passGate(cluster.machine, cluster, 5_000), /a way shut by a NetworkPolicy: not within 5 s/);
    await until("a name of the world", async () => {
      const { stdout } = await cluster.exec(["--namespace=cluster-gate", "prober"], [
        "probe",
        "resolve",
        "world.example",
      ]);
      return stdout.trim() === WORLD_ADDRESS;
    });
  },
});

Deno.test({
  name: "the control plane alone answers, admits and refuses",
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

/** What is on the machine of a cluster with a folder. */
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
