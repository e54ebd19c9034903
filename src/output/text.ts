/**
 * Formats objects as the text of a file: stable bytes, a header, one newline at the end.
 *
 * @module
 */

import { Document, isMap, isNode, isScalar } from "yaml";
import { HEADER } from "./file.ts";

/** A comment in a generated file that explains a surprising value: the path of the value, and the text above it. */
export type Comment = readonly [path: readonly (string | number)[], text: string];

/** Returns an object as a YAML document under the header. Quotes strings that YAML 1.1 would not read as strings. */
export function yamlText(value: object, comments: readonly Comment[] = []): string {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  for (const comment of comments) annotate(document, comment);
  return `# ${HEADER}\n---\n${document.toString({ lineWidth: 0 })}`;
}

function annotate(document: Document, [path, text]: Comment): void {
  const parent: unknown = document.getIn(path.slice(0, -1), true);
  // A comment above an entry of a mapping belongs to the entry's key. A comment above an item of a list belongs to the item.
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  const node: unknown = pair?.key ?? document.getIn(path, true);
  if (!isNode(node)) throw new Error(`no value at ${path.join(".")} to comment on`);
  node.commentBefore = text.split("\n").map((line) => ` ${line}`).join("\n");
}

/** Returns an object as JSON, indented by two spaces. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
