/**
 * A cdktf stack as the files of a tfaction working directory.
 *
 * @module
 */

import { below, HEADER, type OutputFile } from "../../output/file.ts";
import { jsonText } from "../../output/text.ts";
import type { Model } from "../../model/model.ts";
import { AwsProvider, RootConstruct, S3Backend, Stack, type TerraformElement } from "./cdktf.ts";

/** Where a block of a stack goes: a file's name to the blocks it takes, each `resource.<type>` or the name of a top-level block. */
export type Layout = Readonly<Record<string, readonly string[]>>;

/** A working directory of arch. */
export interface Directory {
  /** Its path in arch, such as `terraform/aws/openclaw`; tfaction calls it the target. */
  readonly path: string;
  /** Adds resources to the stack. */
  readonly build: (stack: Stack) => void;
  /** The oldest Terraform that can plan it; default 1.0, as arch has it. */
  readonly terraform?: string;
  /** Version constraints of its providers, by local name. */
  readonly providers: Readonly<Record<string, { readonly source: string; readonly version: string }>>;
  /** Files for the blocks that are not the same everywhere (terraform, provider, variable). */
  readonly layout: Layout;
}

const COMMON: Layout = {
  "backend.tf.json": ["terraform"],
  "provider.tf.json": ["provider"],
  "variables.tf.json": ["variable"],
};

/** The Terraform JSON of a working directory. */
export function directoryFiles(
  model: Model,
  { path, build, terraform = "1.0", providers, layout }: Directory,
): OutputFile[] {
  const { aws } = model.config;
  // Not cdktf's App, which makes a folder in the working directory.
  const stack = new Stack(new RootConstruct(), "openclaw");
  new S3Backend(stack, { bucket: aws.stateBucket, key: `${path}/v1/terraform.tfstate`, region: aws.region });
  new AwsProvider(stack, "aws", {
    region: aws.region,
    // A plan with another account's credentials stops at once.
    allowedAccountIds: [path.startsWith("terraform/aws/") ? "${var.aws_account_id}" : aws.accountId],
  });
  const blocks = withoutTraces(() => {
    build(stack);
    return withoutMetadata(stack.toTerraform()) as Blocks;
  });
  // cdktf writes the exact version that its bindings were made from; tfaction pins by the lock file.
  blocks["terraform"] = { required_version: `>= ${terraform}`, ...blocks["terraform"], required_providers: providers };
  return below(path, split(blocks, { ...COMMON, ...layout }));
}

type Blocks = Record<string, Record<string, unknown>>;

/**
 * cdktf notes at every token where it was made, for messages of its own; Deno takes a third of a stack's time to put those traces
 * into words that nobody reads. An error that is thrown meanwhile has its trace all the same.
 */
function withoutTraces<T>(make: () => T): T {
  const errors: { prepareStackTrace?: typeof Error.prepareStackTrace } = Error;
  const before = errors.prepareStackTrace;
  errors.prepareStackTrace = (error, sites) => error instanceof Error ? [error, ...sites].join("\n    at ") : "";
  try {
    return make();
  } finally {
    if (before === undefined) delete errors.prepareStackTrace;
    else errors.prepareStackTrace = before;
  }
}

/** What a block of Terraform JSON holds for its readers alone. */
const COMMENT = "//";

/** Gives a block comments: Terraform and tflint pass over what stands under "//". */
export function comment(block: TerraformElement, comments: Record<string, string>): void {
  for (const [about, text] of Object.entries(comments)) block.addOverride(`${COMMENT}.${about}`, text);
}

/** cdktf marks every block with its path in the tree of constructs, under "//" too. */
function withoutMetadata(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMetadata);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) => {
      if (key !== COMMENT) return [[key, withoutMetadata(child)]];
      const { metadata: _metadata, outputs: _outputs, ...comments } = child as Record<string, unknown>;
      return Object.keys(comments).length > 0 ? [[key, comments]] : [];
    }),
  );
}

function split(blocks: Blocks, layout: Layout): OutputFile[] {
  const left = new Set(Object.entries(blocks).flatMap(([block, rows]) => placesOf(block, rows)));
  const files = Object.entries(layout).map(([path, places]): OutputFile => {
    const content: Record<string, unknown> = { [COMMENT]: HEADER };
    for (const place of places) {
      if (!left.delete(place)) throw new Error(`${path} wants ${place}, which the stack has not or another file took`);
      const [block = "", type] = place.split(".");
      content[block] = type === undefined
        ? blocks[block]
        : { ...content[block] as object | undefined, [type]: blocks[block]?.[type] };
    }
    return { path, text: jsonText(content) };
  });
  if (left.size > 0) throw new Error(`no file takes ${[...left].join(", ")}`);
  return files;
}

function placesOf(block: string, rows: Record<string, unknown>): string[] {
  return block === "resource" || block === "data" ? Object.keys(rows).map((type) => `${block}.${type}`) : [block];
}
