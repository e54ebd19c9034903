/**
 * `deno task docs:pictures`: draws docs/images/trial.svg and docs/images/verify.svg from the output of the commands on the
 * tests' own cluster.
 *
 * @module
 */

import assert from "node:assert/strict";
import { run } from "../../tasks/run.ts";
import { type Cluster, startCluster } from "../support/cluster/cluster.ts";
import { imagesOf, PROBE_IMAGE } from "../support/cluster/images.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { loadSandboxImage, objectsIn } from "../support/cluster/trial.ts";
import { tempDir } from "../support/temp_dir.ts";
import { type Command, terminalSvg } from "../support/terminal_svg.ts";
import { runOrThrow } from "../support/tools.ts";
import { runTask } from "../unit/tasks/process.ts";

const USAGE = `Usage: deno task docs:pictures

Runs the local trial and verify on the tests' own cluster (needs what deno task e2e needs) and draws docs/images/*.svg.`;

/** Number of lines at the start of verify's output that the picture shows. */
const ROWS = 26;

await run(USAGE, async () => {
  await clusterRuntime();
  await using cluster = await startCluster();
  await cluster.addImages([...imagesOf(await objectsIn(cluster)), PROBE_IMAGE]);
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  await runOrThrow("cp", ["-r", new URL("../../kustomize", import.meta.url).pathname, dir.path]);
  const show = async (task: string, ...args: string[]): Promise<Command> => {
    const { code, stdout, stderr } = await runTask(task, dir, [...args, "--context", "cluster"], environment(cluster));
    assert.equal(code, 0, stdout + stderr);
    const words = args.map((word) => word.includes(" ") ? JSON.stringify(word) : word);
    return { command: ["deno task", task, ...words].join(" "), output: stderr + stdout };
  };
  const [up] = await Promise.all([show("trial", "up"), loadSandboxImage(cluster)]);
  const chat = await show("trial", "chat", "hello");
  await draw("trial", "deno task trial up, and a first message", [up, chat]);
  const verify = await show("verify", "--offline");
  const lines = verify.output.trimEnd().split("\n");
  const output = [...lines.slice(0, ROWS), "...", ...lines.slice(-2)].join("\n");
  await draw("verify", "deno task verify, its first and last rows", [{ ...verify, output }]);
  return 0;
});

function environment({ kubeconfig }: Cluster): Record<string, string> {
  return { KUBECONFIG: kubeconfig };
}

async function draw(name: string, title: string, commands: readonly Command[]): Promise<void> {
  await Deno.mkdir("docs/images", { recursive: true });
  await Deno.writeTextFile(`docs/images/${name}.svg`, terminalSvg(title, commands));
  console.log(`docs/images/${name}.svg`);
}
