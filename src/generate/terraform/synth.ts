/**
 * Terraform JSON from plain data, made with cdktf: the only module that knows cdktf's API, with the bindings beside it. cdktf is
 * archived upstream, and this is what a successor would replace.
 *
 * @module
 */

import { S3Backend, TerraformLocal, TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import { RootConstruct } from "constructs";
import { type Bindings, COMMON, type Construct } from "./bindings_common.ts";
import type { Block, Blocks, Stack } from "./blocks.ts";

/**
 * Returns the Terraform JSON of a stack, by kind of block.
 *
 * @throws {Error} if no binding has a block's type
 */
export function synthesize({ backend, blocks, moved }: Stack, bindings?: Bindings): Blocks {
  // Not cdktf's App, which creates a folder in the working directory.
  const stack = new TerraformStack(new RootConstruct(), "openclaw");
  return withoutStackTraces(() => {
    new S3Backend(stack, { ...backend });
    for (const block of blocks) add(stack, block, bindings);
    if (moved.length > 0) stack.addOverride("moved", moved);
    return withoutMetadata(stack.toTerraform()) as Blocks;
  });
}

function add(stack: TerraformStack, block: Block, bindings: Bindings | undefined): void {
  const { kind, name } = block;
  switch (kind) {
    case "variable":
      new TerraformVariable(stack, name, block.args);
      return;
    case "output":
      new TerraformOutput(stack, name, block.args);
      return;
    case "local":
      new TerraformLocal(stack, name, block.expression);
      return;
    case "provider":
      new (constructOf("providers", name, bindings))(stack, name, argsOf(block));
      return;
    case "resource":
    case "data": {
      const table = kind === "resource" ? "resources" : "data";
      // An id is unique in the stack, and a name only among blocks of a type.
      const element = new (constructOf(table, block.type, bindings))(
        stack,
        `${kind}.${block.type}.${name}`,
        argsOf(block),
      );
      element.overrideLogicalId(name);
      for (const [about, text] of Object.entries(block.comments ?? {})) {
        element.addOverride(`${COMMENT}.${about}`, text);
      }
    }
  }
}

/** The helpers of blocks.ts check arguments by their type's name, and the tables of constructs have the same names. */
function argsOf({ args }: { readonly args: object }): never {
  return args as never;
}

function constructOf(table: keyof Bindings, type: string, bindings: Bindings | undefined): Construct {
  const construct = COMMON[table][type] ?? bindings?.[table][type];
  if (construct === undefined) throw new Error(`no binding has ${type}`);
  return construct;
}

/** The key under which Terraform and tflint ignore what a block holds. */
const COMMENT = "//";

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

/**
 * cdktf notes at every token where it was created, for messages of its own; Deno takes a third of a stack's time to put those traces
 * into words that nobody reads. An error that is thrown meanwhile still has its trace.
 */
function withoutStackTraces<T>(make: () => T): T {
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
