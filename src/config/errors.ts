/**
 * Errors of a pack.yaml, worded so that its author can fix them.
 *
 * @module
 */

import { UserError } from "../errors.ts";

/** A position in a YAML file. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** A key of an object or an index of a list, from the root of pack.yaml. */
export type ConfigPath = readonly (string | number)[];

/** One error of a pack.yaml, or one warning about it. */
export interface PackError {
  /** Where in the configuration, such as `["models", 0, "id"]`; empty for the entire file. */
  readonly path: ConfigPath;
  /** What is wrong and what was expected, as one sentence without a full stop. */
  readonly message: string;
  /** What to write instead, if it can be guessed. */
  readonly suggestion?: string;
  /** Where in the file. */
  readonly position: Position;
}

/** Thrown by {@linkcode readPack} with every error of the file. */
export class PackErrors extends UserError {
  /** `PackErrors`. */
  override readonly name = "PackErrors";

  /** Takes the file's name and its errors, in the order of the file. */
  constructor(
    /** The name of the file, as the caller gave it. */
    readonly file: string,
    /** All errors, in the order of the file. */
    readonly errors: readonly PackError[],
  ) {
    super(errors.map((error) => formatPackError(file, error)).join("\n"));
  }
}

/** Returns a path such as `["models", 0, "id"]` in the form `models[0].id`. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/**
 * Formats an error as one line for a terminal, with the position in the form that editors make clickable.
 *
 * @example
 * ```ts
 * import { formatPackError } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   formatPackError("pack.yaml", {
 *     path: ["hostname"],
 *     message: "expected a host name",
 *     suggestion: "openclaw.example.com",
 *     position: { line: 3, column: 11 },
 *   }),
 *   'pack.yaml:3:11: hostname: expected a host name (write "openclaw.example.com")',
 * );
 * ```
 */
export function formatPackError(file: string, error: PackError): string {
  const { line, column } = error.position;
  const path = error.path.length === 0 ? "" : `${formatPath(error.path)}: `;
  const suggestion = error.suggestion === undefined ? "" : ` (write "${error.suggestion}")`;
  return `${file}:${line}:${column}: ${path}${error.message}${suggestion}`;
}

/** Returns the errors in the order of the file. */
export function inOrder(errors: readonly PackError[]): PackError[] {
  return errors.toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
}
