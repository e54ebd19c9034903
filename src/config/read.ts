/**
 * Reads pack.yaml, and reports all errors together, each with its position and, if it can be guessed, what to write instead.
 *
 * @module
 */

import * as v from "valibot";
import { explain, lists, pathOf } from "./explain.ts";
import { type ConfigPath, inOrder, type PackError, PackErrors } from "./errors.ts";
import type { ConfigFinding } from "./finding.ts";
import { RULES } from "./rules.ts";
import { type PackConfig, PackSchema } from "./schema.ts";
import { parseSource } from "./source.ts";
import { warn } from "./warnings.ts";

/** What {@linkcode readPack} returns. */
export interface Pack {
  /** Every field, with defaults filled in. */
  readonly config: PackConfig;
  /** What is valid but probably not intended, with its position. */
  readonly warnings: readonly PackError[];
}

/**
 * Reads the text of a pack.yaml. Every field has a default, so an empty text describes lolice's deployment.
 *
 * @param text the file's text
 * @param file its name, for messages
 * @throws {PackErrors} if the text is not a valid pack.yaml; it contains all errors
 *
 * @example
 * ```ts
 * import { readPack } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * const { config } = readPack("hostname: claw.example.com\nzone: example.com\n");
 * assert.equal(config.hostname, "claw.example.com");
 * assert.equal(config.cluster.namespace, "openclaw");
 *
 * assert.throws(() => readPack("hostnam: claw.example.com\n"), {
 *   message: 'pack.yaml:1:1: hostnam: unknown field (write "hostname")',
 * });
 * ```
 */
export function readPack(text: string, file = "pack.yaml"): Pack {
  const source = parseSource(text, file);
  const { value, at } = source;
  const result = v.safeParse(PackSchema, value);
  const wrong = [...(result.issues ?? []).flatMap((issue) => explain(issue, value)), ...lists(value, [])];
  const rest = result.success ? result.output : restOf(value, wrong);
  // An unknown field may be a misspelt known one.
  const doubtful = wrong.flatMap(({ path, suggestion }) => [path, [...path.slice(0, -1), suggestion ?? ""]]);
  const between = RULES.filter(({ reads }) => !reads.some((field) => doubtful.some((path) => overlaps(path, field))))
    .flatMap(({ find }) => find(rest));
  const errors = [...wrong, ...between].map((finding): PackError => ({ ...finding, position: at(finding.path) }));
  if (errors.length > 0) throw new PackErrors(file, inOrder(errors));
  return {
    config: rest,
    warnings: warn(rest).map((finding) => ({ ...finding, position: at(finding.path) })),
  };
}

/** Returns the configuration without what is wrong. Omits all of a mapping that lacks a required field. */
function restOf(value: unknown, wrong: readonly ConfigFinding[]): PackConfig {
  const left = without(value, wrong.map(({ path }) => path));
  const result = v.safeParse(PackSchema, left);
  if (result.success) return result.output;
  return restOf(left, result.issues.map((issue) => ({ path: pathOf(issue).slice(0, -1), message: issue.message })));
}

/**
 * Returns the value without what is wrong in it, so that the rules between fields can check the rest. Omits all of a list that
 * contains an error, because removing one item would change the indexes of the others.
 */
function without(value: unknown, paths: readonly ConfigPath[]): unknown {
  const copy = structuredClone(value);
  for (const path of paths) {
    const list = path.findIndex((key) => typeof key === "number");
    const target = list === -1 ? path : path.slice(0, list);
    if (target.length === 0) return {};
    let parent: unknown = copy;
    for (const key of target.slice(0, -1)) parent = (parent as Record<string, unknown> | undefined)?.[key];
    if (typeof parent === "object" && parent !== null) Reflect.deleteProperty(parent, String(target.at(-1)));
  }
  return copy;
}

function overlaps(left: ConfigPath, right: ConfigPath): boolean {
  return left.every((key, index) => index >= right.length || key === right[index]);
}
