/**
 * The kinds of fields that the schema is built from.
 *
 * @module
 */

import * as v from "valibot";
import { WORKLOAD_NAMES } from "../../tables/workloads.ts";

/** The format of a text. */
export type Text = v.GenericSchema<string, string>;

/** Returns a text field with a default. */
export const text = (schema: Text, fallback: string, description: string) =>
  v.optional(v.pipe(schema, v.description(description)), fallback);
/** Returns a list field with a default. */
export const list = <S extends v.GenericSchema>(item: S, fallback: v.InferInput<S>[], description: string) =>
  v.optional(v.pipe(v.array(item, "expected a list"), v.description(description)), () => [...fallback]);
/** Returns a field that is true or false. */
export const flag = (fallback: boolean, description: string) =>
  v.optional(v.pipe(v.boolean("expected true or false"), v.description(description)), fallback);
/** Returns a field that accepts one of a few words. */
export const choice = <const C extends readonly [string, ...string[]]>(
  choices: C,
  fallback: C[number],
  description: string,
) =>
  v.optional(
    v.pipe(v.picklist(choices, `expected one of ${choices.join(", ")}`), v.description(description)),
    fallback,
  );
/** Returns an integer field within bounds. */
export const number = (minimum: number, maximum: number, fallback: number, description: string) =>
  v.optional(
    v.pipe(
      v.number("expected a number"),
      v.integer("expected an integer"),
      v.minValue(minimum, `expected ${minimum} or more`),
      v.maxValue(maximum, `expected ${maximum} or less`),
      v.description(description),
    ),
    fallback,
  );
/** Returns a mapping with a description. */
export const section = <E extends v.ObjectEntries>(entries: E, description: string) =>
  v.pipe(v.strictObject(entries, "expected a mapping"), v.description(description));
/** Returns the schema of a row in a list. */
export const row = <E extends v.ObjectEntries>(entries: E) => v.strictObject(entries, "expected a mapping");
/** Returns a required text field. */
export const required = (schema: Text, description: string) => v.pipe(schema, v.description(description));

/** Returns a field that names a workload. */
export const workload = (description: string) =>
  v.pipe(
    v.picklist(WORKLOAD_NAMES, `expected one of ${WORKLOAD_NAMES.join(", ")}`),
    v.description(description),
  );
