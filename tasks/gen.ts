/**
 * `deno task gen`: generates terraform/ and kustomize/ from pack.yaml.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { LeftOverHcl, leftOverHcl } from "../src/commands/gen/left_over.ts";
import { formatPackError } from "../src/config/errors.ts";
import { generate } from "../src/generate/generate.ts";
import { applyWrite, planWrite, type WritePlan } from "../src/output/writer.ts";
import { fromHere, readConfig } from "./config.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task gen [--check] [--config FILE --out DIR]...

Generates DIR/terraform and DIR/kustomize from FILE.

  --check        write nothing; list what is out of date, and exit with 1 if anything is
  --config FILE  the configuration (default: pack.yaml of this project)
  --out DIR      the parent of both folders (default: this project)

For several deployments, repeat --config and --out in pairs.`;

/** One configuration with the folder for its files. */
interface Job {
  /** The configuration as the user named it; undefined for the default. */
  readonly config: string | undefined;
  readonly out: string;
}

await run(USAGE, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      check: { type: "boolean", default: false },
      config: { type: "string", multiple: true },
      out: { type: "string", multiple: true },
    },
  });
  const plans: { job: Job; plan: WritePlan }[] = [];
  // Everything is planned before anything is written, so an error in one file leaves all of them unchanged.
  for (const job of pair(values.config, values.out)) plans.push({ job, plan: await plan(job) });
  let drifted = 0;
  for (const { job, plan } of plans) {
    const prefix = plans.length > 1 ? `${job.out}: ` : "";
    if (values.check) {
      drifted += await check(prefix, plan);
    } else {
      applyWrite(job.out, plan);
      console.log(prefix + summary(plan));
    }
  }
  return drifted > 0 ? 1 : 0;
});

function pair(configs: readonly string[] | undefined, outs: readonly string[] | undefined): Job[] {
  const named = configs?.map((config) => ({ config })) ?? [{ config: undefined }];
  const folders = outs?.map(fromHere) ?? ["."];
  if (named.length !== folders.length) {
    throw new UsageError(`each --config needs an --out: there are ${named.length} and ${folders.length}`);
  }
  if (new Set(folders).size !== folders.length) {
    throw new UsageError("two deployments in one --out would overwrite each other");
  }
  return named.map((job, index) => ({ ...job, out: folders[index] ?? "." }));
}

async function plan(job: Job): Promise<WritePlan> {
  const { config, warnings } = await readConfig(job.config);
  const files = await generate(config);
  const leftOver = leftOverHcl(job.out, files);
  if (leftOver.length > 0) throw new LeftOverHcl(leftOver);
  const plan = await planWrite(job.out, files);
  for (const warning of warnings) console.error(`warning: ${formatPackError(job.config ?? "pack.yaml", warning)}`);
  for (const path of plan.edited) {
    console.error(`warning: ${path} is no longer generated but was edited, so it was kept; delete it yourself`);
  }
  return plan;
}

function summary({ drifts, unchanged }: WritePlan): string {
  const removed = drifts.filter(({ after }) => after === undefined).length;
  return `${drifts.length - removed} files written, ${removed} removed, ${unchanged} unchanged`;
}

/** Lists what is out of date and returns the number of files. */
async function check(prefix: string, { drifts, record }: WritePlan): Promise<number> {
  if (drifts.length === 0 && !record.drifted) {
    console.log(`${prefix}everything is up to date`);
    return 0;
  }
  // Loaded only when there is something to compare.
  const { formatDrift } = await import("../src/output/diff.ts");
  for (const drift of drifts) console.error(prefix + formatDrift(drift));
  const count = drifts.length + (record.drifted ? 1 : 0);
  if (record.drifted) console.error(`${prefix}.openclaw-pack.json: differs`);
  console.error(`${prefix}${count} ${count === 1 ? "file is" : "files are"} out of date; run deno task gen`);
  return count;
}
