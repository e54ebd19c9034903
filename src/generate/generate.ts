/**
 * Generates the files of both repositories from a configuration.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import { baseFiles } from "./kubernetes/base.ts";
import { buildModel, type Model } from "../model/model.ts";
import { collect, type OutputFile } from "../output/file.ts";
import { kindFiles } from "./overlays/kind.ts";
import { kindEsoFiles } from "./overlays/kind_eso.ts";
import { prodFiles } from "./overlays/prod.ts";
import { trialFiles } from "./overlays/trial.ts";

/**
 * Returns every file of `terraform/` and `kustomize/`, sorted by path. The same configuration renders the same bytes on
 * every machine.
 *
 * @example
 * ```ts
 * import { generate, readPack } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * const files = await generate(readPack("").config);
 * assert.ok(files.some(({ path }) => path === "terraform/aws/openclaw/ssm.tf.json"));
 * assert.ok(files.some(({ path }) => path === "kustomize/base/deployment-openclaw.yaml"));
 * ```
 */
export async function generate(config: PackConfig): Promise<OutputFile[]> {
  // Imported dynamically: cdktf takes longer to load than everything else takes to run, and an invalid pack.yaml never needs
  // it.
  const [{ awsFiles }, { cloudflareFiles }] = await Promise.all([
    import("./terraform/aws.ts"),
    import("./terraform/cloudflare.ts"),
  ]);
  const model = await buildModel(config);
  return collect([
    ...awsFiles(model),
    ...await cloudflareFiles(model),
    ...kustomizeFiles(model),
  ]);
}

/** Returns every file of `kustomize/`. */
export function kustomizeFiles(model: Model): OutputFile[] {
  return [
    ...baseFiles(model),
    ...prodFiles(model),
    ...trialFiles(model),
    ...kindFiles(model),
    ...kindEsoFiles(model),
  ];
}
