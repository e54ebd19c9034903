/**
 * The files of a tfaction working directory.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import { below, HEADER, type OutputFile } from "../../output/file.ts";
import { jsonText } from "../../output/text.ts";
import { type Block, type Blocks, type Moved, provider } from "./blocks.ts";
import type { Bindings } from "./bindings_common.ts";
import { synthesize } from "./synth.ts";

/** The blocks of each file, by the file's name: `resource.<type>` or the name of a top-level block. */
export type Layout = Readonly<Record<string, readonly string[]>>;

/** A working directory of arch. */
export interface Directory {
  /** Its path in arch, such as `terraform/aws/openclaw`; tfaction calls it the target. */
  readonly path: string;
  /**
   * The AWS account that its provider may use, as an ID or an expression. A plan with credentials for another account fails at
   * once.
   */
  readonly account: string;
  readonly blocks: readonly Block[];
  readonly moved?: readonly Moved[];
  /** The bindings that its blocks need in addition to those of AWS and random. */
  readonly bindings?: Bindings;
  /** The minimum version of Terraform; default 1.0. */
  readonly terraform?: string;
  /** Version constraints of its providers, by local name. */
  readonly providers: Readonly<Record<string, { readonly source: string; readonly version: string }>>;
  /** The files for blocks other than terraform, provider and variable, whose files are the same in every directory. */
  readonly layout: Layout;
}

const COMMON: Layout = {
  "backend.tf.json": ["terraform"],
  "provider.tf.json": ["provider"],
  "variables.tf.json": ["variable"],
};

/** Returns the Terraform JSON of a working directory. */
export function directoryFiles(
  { region, stateBucket }: PackConfig["aws"],
  { path, account, blocks, moved = [], bindings, terraform = "1.0", providers, layout }: Directory,
): OutputFile[] {
  const rendered = synthesize({
    backend: { bucket: stateBucket, key: `${path}/v1/terraform.tfstate`, region },
    blocks: [provider("aws", { region, allowedAccountIds: [account] }), ...blocks],
    moved,
  }, bindings);
  // cdktf writes the exact version from which its bindings were generated; tfaction pins versions with the lock file.
  rendered["terraform"] = {
    required_version: `>= ${terraform}`,
    ...rendered["terraform"],
    required_providers: providers,
  };
  return below(path, split(rendered, { ...COMMON, ...layout }));
}

function split(blocks: Blocks, layout: Layout): OutputFile[] {
  const left = new Set(Object.entries(blocks).flatMap(([block, rows]) => blocksOf(block, rows)));
  const files = Object.entries(layout).map(([path, wanted]): OutputFile => {
    const content: Record<string, unknown> = { "//": HEADER };
    for (const name of wanted) {
      if (!left.delete(name)) throw new Error(`${path}: ${name} is not in the stack, or is already in another file`);
      const [block = "", type] = name.split(".");
      content[block] = type === undefined
        ? blocks[block]
        : { ...content[block] as object | undefined, [type]: blocks[block]?.[type] };
    }
    return { path, text: jsonText(content) };
  });
  if (left.size > 0) throw new Error(`no file for ${[...left].join(", ")}`);
  return files;
}

function blocksOf(block: string, rows: Record<string, unknown>): string[] {
  return block === "resource" || block === "data" ? Object.keys(rows).map((type) => `${block}.${type}`) : [block];
}
