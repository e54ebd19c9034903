/**
 * Explains the schema's issues to the author of pack.yaml.
 *
 * @module
 */

import { closest, distance } from "fastest-levenshtein";
import type * as v from "valibot";
import type { ConfigPath } from "./errors.ts";
import type { ConfigFinding } from "./finding.ts";
import { PackSchema } from "./schema.ts";

type Issue = v.InferIssue<typeof PackSchema>;

/** Returns where in the configuration an issue is. */
export function pathOf(issue: Issue): ConfigPath {
  return (issue.path ?? []).map(({ key }) => key as string | number);
}

/** Returns one or more findings for an issue of the schema, which names only the first unknown key of a mapping. */
export function explain(issue: Issue, root: unknown): ConfigFinding[] {
  const path = pathOf(issue);
  if (issue.type === "strict_object" && issue.expected === "never") {
    return unknownKeys(path.slice(0, -1), root);
  }
  if (issue.type === "picklist") {
    return [{ path, message: issue.message, ...suggest(issue.input, optionsAt(path).map(String)) }];
  }
  if (issue.type === "strict_object" && issue.received === "undefined" && path.length > 0) {
    return [{ path, message: "is missing" }];
  }
  return [{ path, message: issue.message }];
}

function unknownKeys(path: ConfigPath, root: unknown): ConfigFinding[] {
  const value = path.reduce<unknown>((parent, key) => (parent as Record<string, unknown>)[key], root);
  // A list where a mapping belongs is reported as such.
  if (Array.isArray(value)) return [];
  const known = Object.keys(entriesAt(path));
  return Object.keys(value as Record<string, unknown>)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [...path, key], message: "unknown field", ...suggest(key, known) }));
}

/** Returns a finding for each list that should be a mapping; valibot accepts any object as a mapping. */
export function lists(value: unknown, path: ConfigPath): ConfigFinding[] {
  if (typeof value !== "object" || value === null) return [];
  const { entries } = schemaAt(path);
  if (Array.isArray(value) && entries !== undefined) {
    return [{ path, message: `expected a mapping of ${Object.keys(entries).join(", ")}` }];
  }
  return Object.entries(value).flatMap(([key, child]) =>
    lists(child, [...path, Array.isArray(value) ? Number(key) : key])
  );
}

/** Returns the closest of `choices` if at most half of its letters differ. */
function suggest(input: unknown, choices: readonly string[]): { suggestion?: string } {
  if (typeof input !== "string" || choices.length === 0) return {};
  const nearest = closest(input.toLowerCase(), choices.map((choice) => choice.toLowerCase()));
  const choice = choices.find((candidate) => candidate.toLowerCase() === nearest);
  if (choice === undefined || distance(input.toLowerCase(), nearest) > Math.ceil(nearest.length / 2)) return {};
  return { suggestion: choice };
}

/** The parts of valibot's schemas that are needed to walk through them. */
interface AnySchema {
  readonly entries?: Record<string, AnySchema>;
  readonly wrapped?: AnySchema;
  readonly item?: AnySchema;
  readonly options?: readonly (string | number)[];
}

function schemaAt(path: ConfigPath): AnySchema {
  const unwrap = (schema: AnySchema): AnySchema => schema.wrapped === undefined ? schema : unwrap(schema.wrapped);
  return path.reduce<AnySchema>(
    (schema, key) => unwrap((typeof key === "number" ? schema.item : schema.entries?.[key]) ?? {}),
    PackSchema as AnySchema,
  );
}

const entriesAt = (path: ConfigPath) => schemaAt(path).entries ?? {};
const optionsAt = (path: ConfigPath) => schemaAt(path).options ?? [];
