/**
 * `deno task bench`: measures how long the process of `deno task gen` takes, compared with a process that only loads cdktf and
 * the bindings. The difference is our own share.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task bench [--runs N]

Times deno task gen, with nothing to write, and loading cdktf alone.

  --runs N  runs of each, alternating (default: 15)`;

/**
 * Each command runs through `deno task`, like gen, so that all include its time. They alternate, so that a busy moment affects
 * all of them.
 */
const COMMANDS = {
  "deno task gen": ["task", "gen"],
  "cdktf and the bindings, loaded": [
    "task",
    "--eval",
    "deno run --quiet --no-prompt --allow-read --allow-env --allow-sys tasks/bench_bindings.ts",
  ],
  "deno, an empty program": ["task", "--eval", "deno eval ''"],
};

await run(USAGE, async (args) => {
  const { values } = parseArgs({ args, options: { runs: { type: "string", default: "15" } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError("--runs: expected a positive integer");
  const times: Record<string, number[]> = {};
  for (let round = -2; round < runs; round++) {
    for (const [name, command] of Object.entries(COMMANDS)) {
      const time = await measure(command);
      // The first two rounds fill the caches.
      if (round >= 0) (times[name] ??= []).push(time);
    }
  }
  const rows = Object.entries(times).map(([name, samples]) => ({
    name,
    ms: median(samples),
    min: Math.min(...samples),
  }));
  const [gen, load] = rows;
  if (gen === undefined || load === undefined) throw new Error("expected at least two commands");
  // The minimum is closest to an idle machine: other work can only add time.
  const ours = { name: "ours: the difference", ms: gen.ms - load.ms, min: gen.min - load.min };
  for (const { name, ms, min } of [...rows, ours]) {
    console.log(`${name.padEnd(32)} ${ms.toFixed(0).padStart(5)} ms (min ${min.toFixed(0)} ms)`);
  }
  console.log(
    `medians of ${runs} runs; gen takes ${(gen.ms / load.ms).toFixed(2)} times as long as loading cdktf alone`,
  );
  return 0;
});

async function measure(command: readonly string[]): Promise<number> {
  const begin = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...command],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return performance.now() - begin;
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
