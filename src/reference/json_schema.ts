/**
 * schema/pack.schema.json, with which an editor completes and validates pack.yaml.
 *
 * @module
 */

import { toJsonSchema } from "@valibot/to-json-schema";
import { PackSchema } from "../config/schema.ts";

const HEAD = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "pack.yaml of openclaw-pack",
  $comment: "Generated from src/config/schema.ts by `deno task docs`. Do not edit.",
};

/** The parts of JSON Schema that the schema of pack.yaml uses. */
export interface JsonSchema {
  /** JSON type. */
  readonly type?: string;
  /** What an editor shows. */
  readonly description?: string;
  /** What applies if the field is missing. */
  readonly default?: unknown;
  /** The accepted values. */
  readonly enum?: readonly unknown[];
  /** Fields of a mapping. */
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** Fields that a mapping must have. */
  readonly required?: readonly string[];
  /** The schema of each item of a list. */
  readonly items?: JsonSchema;
  /** Whether a mapping may have other fields, or their schema. */
  readonly additionalProperties?: boolean | JsonSchema;
}

/**
 * Returns the schema of pack.yaml as JSON Schema, draft 7.
 *
 * @example
 * ```ts
 * import { packJsonSchema } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * assert.equal(packJsonSchema().properties?.["hostname"]?.default, "openclaw.b0xp.io");
 * ```
 */
export function packJsonSchema(): JsonSchema {
  // JSON Schema cannot express rules that are functions (an exact image tag, a CIDR's host bits). Only `gen` checks them.
  return { ...HEAD, ...toJsonSchema(PackSchema, { typeMode: "input", errorMode: "ignore" }) as JsonSchema };
}
