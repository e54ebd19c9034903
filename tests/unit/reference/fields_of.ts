/**
 * Helpers for the tests of the reference.
 *
 * @module
 */

import type { JsonSchema } from "../../../src/reference/json_schema.ts";

/** A field of pack.yaml. */
export interface Field {
  /** Its path without the indexes of lists, such as `models.id`. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Returns every field below a schema. */
export function fieldsOf(schema: JsonSchema, path: readonly string[] = []): Field[] {
  const { properties = {}, required = [] } = schema.items ?? schema;
  return Object.entries(properties).flatMap(([key, child]) => [
    { path: [...path, key].join("."), schema: child, required: required.includes(key) },
    ...fieldsOf(child, [...path, key]),
  ]);
}
