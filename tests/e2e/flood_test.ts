/**
 * LiteLLM under attack on real Kubernetes (requirement E10): for two minutes from a sandbox, which reaches nothing, and for one
 * from the gateway's own network, which reaches only the front door. LiteLLM does not restart, its memory does not grow, and
 * turns keep working.
 *
 * @module
 */

import assert from "node:assert/strict";
import { sandboxRun } from "../../src/commands/verify/sandbox.ts";
import { tool } from "../support/tools.ts";
import { overlay } from "../support/runtime/objects.ts";
import { modelOf } from "../support/support.ts";
import { type Cluster, givenOr, startCluster } from "../support/cluster/cluster.ts";
import { imagesOf } from "../support/cluster/images.ts";
import { applyObjects } from "../support/cluster/kubectl.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { inPod, loadSandboxImage, NAMESPACE, say, untilAvailable } from "../support/cluster/trial.ts";

const runtime = await tool("a Kubernetes node", clusterRuntime);
const FLOOD = await Deno.readTextFile(new URL("../support/cluster/flood.py", import.meta.url));
const MEBIBYTE = 2 ** 20;

Deno.test({
  name: "an attack without a key neither stops LiteLLM nor slows the assistant down",
  ignore: runtime.ignore,
  fn: async (t) => {
    const objects = await overlay("kind");
    const model = await modelOf();
    await using cluster = await givenOr(startCluster);
    await cluster.addImages(imagesOf(objects));
    await applyObjects(cluster, objects);
    await loadSandboxImage(cluster);
    await untilAvailable(cluster);
    await say(cluster, "the first turn creates the sandbox");
    const targets = await targetsOf(cluster);
    const usual = median([await timedTurn(cluster), await timedTurn(cluster), await timedTurn(cluster)]);
    const resting = await memory(cluster);

    /** Runs the flood with a command, and turns meanwhile. Returns the flood's counts and the slowdown of a turn. */
    const during = async (seconds: number, command: string[]): Promise<Counts & { readonly slower: number }> => {
      const argv = [...command, "python3", "-", String(seconds), ...targets];
      const options = { stdin: FLOOD, timeoutMs: (seconds + 60) * 1000 };
      let hasEnded = false;
      const flood = cluster.exec(inPod("openclaw", "docker"), argv, options).finally(() => hasEnded = true);
      const times: number[] = [];
      let max = resting;
      while (!hasEnded) {
        times.push(await timedTurn(cluster));
        max = Math.max(max, await memory(cluster));
      }
      const { code, stdout, stderr } = await flood;
      assert.equal(code, 0, stderr);
      const counts = JSON.parse(stdout) as Counts;
      const took = median(times);
      console.log(
        `${JSON.stringify(counts)}; a turn takes ${usual.toFixed(0)} ms before, ${
          took.toFixed(0)
        } ms meanwhile (${times.length} turns); ` +
          `LiteLLM has ${Math.round(resting / MEBIBYTE)} MiB before, ${Math.round(max / MEBIBYTE)} MiB at most`,
      );
      assert.deepEqual(await restarts(cluster), [0, 0]);
      assert.ok(max - resting < 50 * MEBIBYTE, `${Math.round((max - resting) / MEBIBYTE)} MiB more`);
      // A single turn would not cover the rest of the time.
      assert.ok(times.length >= 5, `${times.length} turns`);
      return { ...counts, slower: took / usual };
    };

    await t.step("two minutes from a sandbox reach nothing", async () => {
      const run = ["docker", "run", "--interactive", ...sandboxRun(model)];
      const { tries, connected, slower } = await during(120, run);
      assert.ok(tries > 100, String(tries));
      assert.equal(connected, 0);
      assert.ok(slower <= 2, `a turn takes ${slower} times as long`);
    });

    await t.step("a minute from the gateway's own network reaches only the front door", async () => {
      // No firewall filters this network. The slowdown is not checked, because the flood takes processor time from the turns.
      const run = [
        ...["docker", "run", "--interactive", "--cpus=0.5"],
        ...sandboxRun(model).map((option) => option.startsWith("--network=") ? "--network=host" : option),
      ];
      const { connected } = await during(60, run);
      assert.ok(connected > 100, String(connected));
      const log = await cluster.run(["logs", "-n", NAMESPACE, "deployment/litellm", "-c", "key-proxy"]);
      assert.match(log, /^front door: 401 wrong key, from /m);
      // The log stays small although thousands of requests were refused.
      assert.ok(log.length < 20_000, `${log.length} bytes of log`);
    });
  },
});

interface Counts {
  readonly tries: number;
  readonly connected: number;
}

/** Returns every address and port of LiteLLM, by its Service and by its pod. */
async function targetsOf(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.get("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=litellm");
  const { spec } = await cluster.get("service", "litellm", "-n", NAMESPACE);
  return [`${spec.clusterIP}:4000`, `${items[0].status.podIP}:4000`, `${items[0].status.podIP}:4002`];
}

/** Returns how long a turn takes, in milliseconds. */
async function timedTurn(cluster: Cluster): Promise<number> {
  const began = performance.now();
  assert.match((await say(cluster, "say hi")).text, /This is the mock/);
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Returns LiteLLM's memory in bytes without page cache, from its cgroup. */
async function memory(cluster: Cluster): Promise<number> {
  const script = "cat /sys/fs/cgroup/memory/memory.stat 2>/dev/null || cat /sys/fs/cgroup/memory.stat";
  const { stdout } = await cluster.exec(inPod("litellm"), ["sh", "-c", script]);
  const bytes = Number(stdout.match(/^(?:total_rss|anon) (\d+)$/m)?.[1]);
  assert.ok(bytes > 0, stdout);
  return bytes;
}

/** Returns the restart counts of the containers in LiteLLM's pod. */
async function restarts(cluster: Cluster): Promise<number[]> {
  const { items } = await cluster.get("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=litellm");
  return items[0].status.containerStatuses.map(({ restartCount }: { restartCount: number }) => restartCount);
}
