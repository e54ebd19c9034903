/**
 * Objects as the text of a file: stable bytes, a header, one newline at the end.
 *
 * @module
 */

import { HEADER } from "./file.ts";
import { type Comment, yamlLines } from "./yaml.ts";

/** Returns an object as a YAML document under the header. Quotes strings that YAML 1.1 would not read as strings. */
export function yamlText(value: object, comments: readonly Comment[] = []): string {
  for (const [path] of comments) {
    if (!isPlace(value, path)) throw new Error(`no value at ${path.join(".")} to comment on`);
  }
  return `# ${HEADER}\n---\n${yamlLines(value, comments).join("\n")}\n`;
}

function isPlace(value: unknown, path: readonly (string | number)[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return value !== undefined;
  return typeof value === "object" && value !== null && isPlace(Reflect.get(value, key), rest);
}

/** Returns an object as JSON, indented by two spaces. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
