/**
 * LiteLLM under attack on a real Kubernetes (requirement E10): two minutes from a sandbox, which gets nowhere, and one from the
 * gateway's own network, which gets to the front door and no further. LiteLLM is not restarted, its memory stays, and turns go on.
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
import { giveSandboxImage, inPod, NAMESPACE, say, untilAvailable } from "../support/cluster/trial.ts";

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
    await giveSandboxImage(cluster);
    await untilAvailable(cluster);
    await say(cluster, "the first turn makes the sandbox");
    const targets = await targetsOf(cluster);
    const usual = median([await timedTurn(cluster), await timedTurn(cluster), await timedTurn(cluster)]);
    const resting = await memory(cluster);

    /** Runs the flood in a command, with turns meanwhile, and gives its counts. */
    const during = async (seconds: number, command: string[]): Promise<Counts & { readonly slower: number }> => {
      const argv = [...command, "python3", "-", String(seconds), ...targets];
      const options = { stdin: FLOOD, timeoutMs: (seconds + 60) * 1000 };
      let hasEnded = false;
      const flood = cluster.exec(inPod("openclaw", "docker"), argv, options).finally(() => hasEnded = true);
      const times: number[] = [];
      let most = resting;
      while (!hasEnded) {
        times.push(await timedTurn(cluster));
        most = Math.max(most, await memory(cluster));
      }
      const { code, stdout, stderr } = await flood;
      assert.equal(code, 0, stderr);
      const counts = JSON.parse(stdout) as Counts;
      const took = median(times);
      console.log(
        `${JSON.stringify(counts)}; a turn takes ${usual.toFixed(0)} ms before, ${
          took.toFixed(0)
        } ms meanwhile (${times.length} turns); ` +
          `LiteLLM has ${Math.round(resting / MEBIBYTE)} MiB before, ${Math.round(most / MEBIBYTE)} MiB at the most`,
      );
      assert.deepEqual(await restarts(cluster), [0, 0]);
      assert.ok(most - resting < 50 * MEBIBYTE, `${Math.round((most - resting) / MEBIBYTE)} MiB more`);
      // One turn would say nothing of the rest of the time.
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

    await t.step("a minute from the gateway's own network reaches the front door, and no further", async () => {
      // Where no firewall stands between. A turn may be slower here by the processor's time that the flood takes.
      const run = [
        ...["docker", "run", "--interactive", "--cpus=0.5"],
        ...sandboxRun(model).map((option) => option.startsWith("--network=") ? "--network=host" : option),
      ];
      const { connected } = await during(60, run);
      assert.ok(connected > 100, String(connected));
      const log = await cluster.run(["logs", "-n", NAMESPACE, "deployment/litellm", "-c", "key-proxy"]);
      assert.match(log, /^front door: 401 wrong key, from /m);
      // A minute of some thousand refused requests.
      assert.ok(log.length < 20_000, `${log.length} bytes of log`);
    });
  },
});

interface Counts {
  readonly tries: number;
  readonly connected: number;
}

/** LiteLLM by its Service and by its pod, on every port. */
async function targetsOf(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.get("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=litellm");
  const { spec } = await cluster.get("service", "litellm", "-n", NAMESPACE);
  return [`${spec.clusterIP}:4000`, `${items[0].status.podIP}:4000`, `${items[0].status.podIP}:4002`];
}

/** How long a turn takes, in milliseconds. */
async function timedTurn(cluster: Cluster): Promise<number> {
  const began = performance.now();
  assert.match((await say(cluster, "say hi")).text, /This is the mock/);
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** LiteLLM's memory without page cache, in bytes, as its own cgroup has it. */
async function memory(cluster: Cluster): Promise<number> {
  const script = "cat /sys/fs/cgroup/memory/memory.stat 2>/dev/null || cat /sys/fs/cgroup/memory.stat";
  const { stdout } = await cluster.exec(inPod("litellm"), ["sh", "-c", script]);
  const bytes = Number(stdout.match(/^(?:total_rss|anon) (\d+)$/m)?.[1]);
  assert.ok(bytes > 0, stdout);
  return bytes;
}

/** How often the containers of LiteLLM's pod were started again. */
async function restarts(cluster: Cluster): Promise<number[]> {
  const { items } = await cluster.get("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=litellm");
  return items[0].status.containerStatuses.map(({ restartCount }: { restartCount: number }) => restartCount);
}
