/**
 * Renders Terraform JSON from plain data with cdktf. Only this module and the bindings use cdktf's API. cdktf is archived
 * upstream, so a successor would replace this module.
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
  // cdktf's App would create a folder in the working directory.
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
      // An ID must be unique in the stack, but a name is unique only among blocks of its type.
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

/**
 * Returns the arguments of a block for any construct. The helpers of blocks.ts check them by the name of their type, and the
 * tables of constructs use the same names.
 */
function argsOf({ args }: { readonly args: object }): never {
  return args as never;
}

function constructOf(table: keyof Bindings, type: string, bindings: Bindings | undefined): Construct {
  const construct = COMMON[table][type] ?? bindings?.[table][type];
  if (construct === undefined) throw new Error(`no binding has ${type}`);
  return construct;
}

/** The key whose value Terraform and tflint ignore. */
const COMMENT = "//";

/** Removes cdktf's metadata: it adds the path of every block in the tree of constructs, also under "//". */
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
 * Runs a function without formatting stack traces. cdktf records where every token was created, and Deno would spend a third of
 * a stack's time to format these traces, which are never shown. A thrown error still has its trace.
 */
function withoutStackTraces<T>(render: () => T): T {
  const errors: { prepareStackTrace?: typeof Error.prepareStackTrace } = Error;
  const before = errors.prepareStackTrace;
  errors.prepareStackTrace = (error, sites) => error instanceof Error ? [error, ...sites].join("\n    at ") : "";
  try {
    return render();
  } finally {
    if (before === undefined) delete errors.prepareStackTrace;
    else errors.prepareStackTrace = before;
  }
}
