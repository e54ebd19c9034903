/**
 * `deno task e2e --context` itself: suites run on a given cluster, and what they created is deleted, also after Ctrl-C. A
 * cluster that already has any of those objects is refused. The given cluster is one of the tests' own, which acts as kind.
 *
 * @module
 */

import assert from "node:assert/strict";
import { tool } from "../support/tools.ts";
import type { Cluster } from "../support/cluster/cluster.ts";
import { until } from "../support/cluster/kubectl.ts";
import { added, everything } from "../support/cluster/leftovers.ts";
import { startLikeKind } from "../support/cluster/like_kind.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { taskArguments } from "../unit/tasks/process.ts";

const runtime = await tool("a Kubernetes node", clusterRuntime);

Deno.test({
  name: "suites run on a given cluster, and leave it as it was",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await startLikeKind();
    const before = await everything(cluster);
    const left = async () => added(before, await everything(cluster));

    await t.step("a suite that passes leaves nothing, and suites that cannot run are listed", async () => {
      const { code, stdout, stderr } = await finished(start(cluster, "pod_security", "loss"));
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^skipped: loss, it kills the kubelet and fills disks$/m);
      assert.match(stdout, /^ok \| 1 passed/m);
      assert.deepEqual(await left(), []);
    });

    await t.step("a cluster that has an object of the same name is refused, and keeps the object", async () => {
      await cluster.run(["create", "namespace", "openclaw-sandbox"]);
      const { code, stdout, stderr } = await finished(start(cluster, "pod_security"));
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /^the cluster has namespace\/openclaw-sandbox, .*; nothing was changed$/m);
      assert.deepEqual((await left()).filter((line) => line.startsWith("Namespace")), ["Namespace - openclaw-sandbox"]);
      await cluster.run(["delete", "namespace", "openclaw-sandbox"]);
    });

    await t.step("Ctrl-C while guarded data exists leaves nothing", async () => {
      const child = start(cluster, "guard");
      const ended = finished(child);
      await until("a guarded claim", async () => {
        const { items } = await cluster.get("pvc", "--namespace=openclaw");
        const guard = ["get", "validatingadmissionpolicybinding", "openclaw-data-guard"];
        return items.some(({ status }: { status: { phase: string } }) => status.phase === "Bound") &&
          (await cluster.kubectl(guard)).code === 0;
      }, { timeoutMs: 120_000 });
      child.kill("SIGINT");
      const { code, stdout, stderr } = await ended;
      assert.equal(code, 130, stdout + stderr);
      assert.match(stderr, /^stopped; deleting what guard has created$/m);
      assert.deepEqual(await left(), []);
    });
  },
});

/** Starts the task in the folder of this project. */
function start({ context, kubeconfig }: Cluster, ...suites: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: taskArguments("e2e", [...suites, "--context", context, "--kubeconfig", kubeconfig, "--yes"]),
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function finished(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
