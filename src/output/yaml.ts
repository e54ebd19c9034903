/**
 * Plain data as YAML, byte for byte as the library `yaml` writes it. The library creates a tree of nodes first, and in a process as
 * short as `gen` its code is never optimised: it took a third of gen's own time. This module writes mappings, lists and strings that
 * need no quotes, and the library writes every string that may need them.
 *
 * @module
 */

import { stringify } from "yaml";

/** A comment in a generated file that explains a surprising value: the path of the value, and the text above it. */
export type Comment = readonly [path: readonly (string | number)[], text: string];

/** Strings that YAML 1.1 would read as something else are quoted, and long lines stay whole. */
const OPTIONS = { compat: "yaml-1.1", lineWidth: 0 } as const;

/** Strings that YAML 1.1 and 1.2 read as they are without quotes, except {@linkcode WORDS}. */
const HARMLESS = /^[A-Za-z/](?:[- :]?[\w./@])*$/;
/** Strings among them that YAML 1.1 reads as a boolean, null or a number. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|e-?\d+)$/i;

/** Returns a mapping or a list as lines of YAML, without the newlines. */
export function yamlLines(value: object, comments: readonly Comment[] = []): string[] {
  const isList = Array.isArray(value);
  if (isEmpty(value)) return [isList ? "[]" : "{}"];
  return entriesOf(value).flatMap(([key, child]) => {
    const inside = comments.filter(([path]) => String(path[0]) === key).map(([path, text]): Comment => [
      path.slice(1),
      text,
    ]);
    const above = inside.flatMap(([path, text]) => path.length === 0 ? text.split("\n").map(commentLine) : []);
    return [...above, ...(isList ? item(child, inside) : entry(key, child, inside))];
  });
}

function item(value: unknown, comments: readonly Comment[]): string[] {
  if (!isCollection(value)) return after("- ", scalarLines(value));
  return after("- ", yamlLines(value, comments).map((line, index) => index === 0 ? line : indented(line)));
}

function entry(key: string, value: unknown, comments: readonly Comment[]): string[] {
  // The library writes a key with a value, which is then cut off.
  const name = isHarmless(key) ? `${key}:` : stringify({ [key]: 0 }, OPTIONS).slice(0, -" 0\n".length);
  if (!isCollection(value)) return after(`${name} `, scalarLines(value));
  const lines = yamlLines(value, comments);
  return isEmpty(value) ? after(`${name} `, lines) : [name, ...lines.map(indented)];
}

/** Returns the lines of a scalar. All but the first are already indented. */
function scalarLines(value: unknown): string[] {
  if (typeof value === "string" && isHarmless(value)) return [value];
  if (typeof value === "boolean" || value === null) return [String(value)];
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return [String(value)];
  return stringify([value], OPTIONS).slice("- ".length, -"\n".length).split("\n");
}

function isHarmless(text: string): boolean {
  return HARMLESS.test(text) && !WORDS.test(text);
}

function isCollection(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isEmpty(value: object): boolean {
  return entriesOf(value).length === 0;
}

/** Returns the entries of a mapping that have a value, or all items of a list. */
function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, child]) => Array.isArray(value) || child !== undefined);
}

function after(start: string, [first = "", ...rest]: readonly string[]): string[] {
  return [start + first, ...rest];
}

function indented(line: string): string {
  return line === "" ? line : `  ${line}`;
}

function commentLine(text: string): string {
  return text === "" ? "#" : `# ${text}`;
}
