/**
 * Reads pack.yaml: every error at once, each with its position and, if it can be guessed, what to write instead.
 *
 * @module
 */

import * as v from "valibot";
import { explain, lists, pathOf } from "./explain.ts";
import { type ConfigPath, inOrder, type PackError, PackErrors } from "./errors.ts";
import type { Finding } from "./finding.ts";
import { RULES } from "./rules.ts";
import { type PackConfig, PackSchema } from "./schema.ts";
import { parseSource } from "./source.ts";
import { warn } from "./warnings.ts";

/** What {@linkcode readPack} gives. */
export interface Pack {
  /** Every field, with defaults filled in. */
  readonly config: PackConfig;
  /** What is allowed but will surprise, with its place. */
  readonly warnings: readonly PackError[];
}

/**
 * Reads the text of a pack.yaml. Every field has a default, so that an empty text is lolice's deployment.
 *
 * @param text the file's text
 * @param file its name, for messages
 * @throws {PackErrors} with all errors, when there is one
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
  // An unknown field may be a known one with a slip in it.
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

/** The configuration without what is wrong. A mapping that misses a field that it must have is left out as a whole. */
function restOf(value: unknown, wrong: readonly Finding[]): PackConfig {
  const left = without(value, wrong.map(({ path }) => path));
  const result = v.safeParse(PackSchema, left);
  if (result.success) return result.output;
  return restOf(left, result.issues.map((issue) => ({ path: pathOf(issue).slice(0, -1), message: issue.message })));
}

/**
 * The value less what is wrong in it, so that the rules between fields can look at the rest. A list with an error in it is
 * left out as a whole, since taking out one item would move the places of the others.
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
