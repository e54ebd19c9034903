/**
 * schema/pack.schema.json: what an editor completes and checks pack.yaml by.
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
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
}

/** The schema of pack.yaml as JSON Schema, draft 7. */
export function packJsonSchema(): JsonSchema {
  // Rules that are functions (an exact image tag, a CIDR's host bits) are for `gen` alone.
  return { ...HEAD, ...toJsonSchema(PackSchema, { typeMode: "input", errorMode: "ignore" }) as JsonSchema };
}
