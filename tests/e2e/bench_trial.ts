/**
 * `deno task bench:trial`: measures how long the local trial takes from `kubectl apply -k` to the first answer, on the tests'
 * own cluster. It compares the trial with two baselines, which runc runs on the same machine with a model that answers
 * immediately: the gateway alone, with docker daemon and sandbox image ready, and the gateway's pod, which starts both itself.
 * The three alternate, so that a busy moment affects all. The build of the sandbox image depends on Debian's mirrors and is not
 * measured: the image is on the state volume, as after a first start.
 *
 * @module
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { run, UsageError } from "../../tasks/run.ts";
import { say as sayAlone } from "../support/runtime/gateway_cli.ts";
import { startGateway } from "../support/runtime/gateway_pod.ts";
import type { Pod } from "../support/runtime/pod.ts";
import { podRuntime } from "../support/runtime/scratch.ts";
import type { Json } from "../support/support.ts";
import { type OwnCluster, startCluster } from "../support/cluster/cluster.ts";
import { imagesOf } from "../support/cluster/images.ts";
import { type Kubectl, until } from "../support/cluster/kubectl.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { KIND, loadSandboxImage, NAMESPACE, objectsIn, say, untilAvailable } from "../support/cluster/trial.ts";

/** Where the archive of the sandbox's image is on the state volume (src/generate/sandbox/build-image.sh). */
const IMAGES = ".openclaw-pack/images";

const USAGE = `Usage: deno task bench:trial [--runs N]

Times the local trial from one apply to its first answer, and for comparison the gateway alone and the gateway's pod alone.
Needs what deno task e2e needs.

  --runs N  runs of each, alternating (default: 3)`;

await run(USAGE, async (args) => {
  const { values } = parseArgs({ args, options: { runs: { type: "string", default: "3" } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError("--runs: expected a positive integer");
  await clusterRuntime();
  await using cluster = await startCluster();
  const objects = await objectsIn(cluster);
  const images = imagesOf(objects);
  await podRuntime(...images);
  await cluster.addImages(images);
  const archive = await keptImage(cluster);
  const gateways: Times[] = [];
  const pods: Times[] = [];
  const trials: Times[] = [];
  for (let round = 0; round < runs; round++) {
    gateways.push(await baseline(objects, archive, "gateway"));
    pods.push(await baseline(objects, archive, "pod"));
    trials.push(await trial(cluster, archive));
  }
  const gateway = report("the gateway alone", gateways);
  const pod = report("its pod alone", pods);
  const total = report("the trial, from its apply", trials);
  const ratio = (base: Row, of: "median" | "min") => (total[of] / base[of]).toFixed(2);
  // Other processes of the machine can only increase the minimum.
  for (const [of, what] of [["median", `medians of ${runs} runs`], ["min", "minimum of the runs"]] as const) {
    console.log(
      `${what}: the trial takes ${ratio(gateway, of)} times the gateway alone, ${ratio(pod, of)} times its pod alone`,
    );
  }
  return 0;
});

/** Seconds from the start to each event. */
type Times = Readonly<Record<string, number>>;

function stopwatch() {
  const began = performance.now();
  const times: Record<string, number> = {};
  return { times, reached: (what: string) => void (times[what] = (performance.now() - began) / 1000) };
}

/** Times the gateway's pod from its first container, or the gateway from its own container, with all others ready. */
async function baseline(objects: readonly Json[], archive: Archive, what: "gateway" | "pod"): Promise<Times> {
  let watch = stopwatch();
  const before = {
    [what === "pod" ? "docker" : "openclaw"]: async (pod: Pod) => {
      if (what === "gateway") await until("the sandbox's image", () => pod.probe("sandbox-image", "startupProbe"));
      watch = stopwatch();
    },
  };
  const volume = async (folder: string) => {
    await Deno.mkdir(folder);
    await putArchive(folder, archive, Deno.copyFile);
  };
  await using gateway = await startGateway({ objects, volume, before });
  watch.reached("ready");
  await sayAlone(gateway.pod, "say hi");
  watch.reached("answered");
  return watch.times;
}

/** Runs a trial without timing it. Returns the archive of the sandbox image that it keeps. */
async function keptImage(cluster: OwnCluster): Promise<Archive> {
  await cluster.run(["apply", "-k", KIND]);
  await loadSandboxImage(cluster);
  await untilAvailable(cluster);
  const images = join(await stateVolume(cluster), IMAGES);
  const name = await until("the image's archive", async () => {
    for await (const { name } of Deno.readDir(images)) if (name.endsWith(".tar")) return name;
    return undefined;
  });
  const path = join(cluster.machine.folder, name);
  await Deno.link(join(images, name), path);
  await cluster.run(["delete", "-k", KIND], { timeoutMs: 180_000 });
  return { name, path };
}

interface Archive {
  readonly name: string;
  readonly path: string;
}

/** Returns the folder of the state volume, as soon as it exists. */
async function stateVolume(cluster: OwnCluster): Promise<string> {
  const volumes = join(cluster.machine.folder, "lib/volumes");
  return await until("the state volume", async () => {
    const args = ["get", "pvc", "openclaw-data", `--namespace=${NAMESPACE}`, "--output=jsonpath={.metadata.uid}"];
    const path = join(volumes, `pvc-${await cluster.run(args)}`);
    return await Deno.stat(path).then(() => path, () => undefined);
  }, { everyMs: 50 });
}

/** Puts the archive where a first start would have left it. A link makes it appear complete. */
async function putArchive(volume: string, { name, path }: Archive, put: typeof Deno.link): Promise<void> {
  let folder = volume;
  for (const part of IMAGES.split("/")) {
    folder = join(folder, part);
    await Deno.mkdir(folder, { recursive: true });
    await Deno.chown(folder, 1000, 1000);
  }
  await put(path, join(folder, name));
  await Deno.chown(join(folder, name), 1000, 1000);
}

async function trial(cluster: OwnCluster, archive: Archive): Promise<Times> {
  const watch = stopwatch();
  const began = Date.now();
  await cluster.run(["apply", "-k", KIND]);
  watch.reached("applied");
  await putArchive(await stateVolume(cluster), archive, Deno.link);
  await untilAvailable(cluster);
  watch.reached("ready");
  await say(cluster, "say hi");
  watch.reached("answered");
  const times = { ...watch.times, ...await starts(cluster, began) };
  await cluster.run(["delete", "-k", KIND], { timeoutMs: 180_000 });
  return times;
}

/** Returns when each container started and each pod became ready. The API's resolution is one second. */
async function starts(cluster: Kubectl, began: number): Promise<Times> {
  const { items } = await cluster.get("pods", `--namespace=${NAMESPACE}`);
  const since = (time: string) => Math.max(0, (Date.parse(time) - began) / 1000);
  const statuses: Json[] = items.flatMap(({ status }: Json) => [
    ...status.initContainerStatuses ?? [],
    ...status.containerStatuses,
  ]);
  const ready = items.map(({ metadata, status }: Json) => {
    const { lastTransitionTime } = status.conditions.find(({ type }: Json) => type === "Ready");
    return [`pod ${metadata.labels["app.kubernetes.io/name"]} ready`, since(lastTransitionTime)];
  });
  const started = statuses.map(({ name, state }) => {
    const { startedAt } = state.running ?? state.terminated;
    return [`${name} starts`, since(startedAt)];
  });
  return Object.fromEntries([...started, ...ready]);
}

interface Row {
  readonly what: string;
  readonly median: number;
  readonly min: number;
}

/** Prints the time of each event, the earliest first. Returns the row of the answer. */
function report(name: string, samples: readonly Times[]): Row {
  const rows: Row[] = Object.keys(samples[0] ?? {}).map((what) => {
    const values = samples.map((times) => times[what] ?? Number.NaN).toSorted((a, b) => a - b);
    return { what, median: values[Math.floor(values.length / 2)] ?? Number.NaN, min: values[0] ?? Number.NaN };
  });
  console.log(name);
  for (const { what, median, min } of rows.toSorted((a, b) => a.median - b.median)) {
    console.log(`  ${what.padEnd(28)} ${median.toFixed(1).padStart(5)} s (min ${min.toFixed(1)} s)`);
  }
  const answered = rows.find(({ what }) => what === "answered");
  if (answered === undefined) throw new Error("nothing was answered");
  return answered;
}
