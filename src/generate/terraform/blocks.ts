/**
 * Terraform as plain data, which the generators of the directories return and `synth.ts` renders.
 *
 * @module
 */

import type { DataV4, ResourcesV4 } from "./bindings_v4.ts";
import type { DataV5, ResourcesV5 } from "./bindings_v5.ts";
import type { CommonResources } from "./bindings_common.ts";

/** Terraform's resource types with their arguments, from the bindings. */
export interface Resources extends CommonResources, ResourcesV4, ResourcesV5 {}

/** Terraform's data source types with their arguments. */
export interface Data extends DataV4, DataV5 {}

/** Comments on a block, by the argument that they explain; Terraform ignores them. */
export type Comments = Readonly<Record<string, string>>;

/** One block. */
export type Block =
  | { readonly kind: "provider"; readonly name: string; readonly args: object }
  | {
    readonly kind: "variable";
    readonly name: string;
    readonly args: { readonly type: string; readonly description: string; readonly default: string };
  }
  | {
    readonly kind: "output";
    readonly name: string;
    readonly args: { readonly description: string; readonly value: string; readonly sensitive?: boolean };
  }
  | { readonly kind: "local"; readonly name: string; readonly expression: string }
  | {
    readonly kind: "resource" | "data";
    readonly type: string;
    readonly name: string;
    readonly args: object;
    readonly comments?: Comments;
  };

/** A resource that is moved to another address. */
export interface Moved {
  readonly from: string;
  readonly to: string;
}

/** The content of one working directory. */
export interface Stack {
  readonly backend: { readonly bucket: string; readonly key: string; readonly region: string };
  readonly blocks: readonly Block[];
  readonly moved: readonly Moved[];
}

/** Terraform JSON, by kind of block. */
export type Blocks = Record<string, Record<string, unknown>>;

/** Returns a resource. */
export function resource<T extends keyof Resources>(
  type: T,
  name: string,
  args: Resources[T],
  comments: Comments = {},
): Block {
  return { kind: "resource", type, name, args, comments };
}

/** Returns a data source. */
export function data<T extends keyof Data>(type: T, name: string, args: Data[T]): Block {
  return { kind: "data", type, name, args };
}

/** Returns a variable of type string; `ref("var.<name>")` reads it. */
export function variable(name: string, description: string, value: string): Block {
  return { kind: "variable", name, args: { type: "string", description, default: value } };
}

/** Returns an output. */
export function output(name: string, description: string, value: string): Block {
  return { kind: "output", name, args: { description, value } };
}

/** Returns a provider's configuration. */
export function provider(name: "aws" | "cloudflare" | "random", args: object = {}): Block {
  return { kind: "provider", name, args };
}

/** Returns an expression in Terraform JSON, such as `ref("cloudflare_tunnel.openclaw_tunnel.id")`. */
export function ref(expression: string): string {
  return `\${${expression}}`;
}
