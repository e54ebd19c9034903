/**
 * Parses the text of a pack.yaml, and finds the position of each field.
 *
 * @module
 */

import { type Document, isMap, isNode, isScalar, type Node, parseDocument } from "yaml";
import { type ConfigPath, inOrder, PackErrors, type Position } from "./errors.ts";

/** A parsed pack.yaml. */
export interface Source {
  readonly value: unknown;
  readonly at: (path: ConfigPath) => Position;
}

/**
 * Parses YAML.
 *
 * @throws {PackErrors} if the text is not one mapping
 */
export function parseSource(text: string, file: string): Source {
  const document = parseDocument(text, { prettyErrors: false, logLevel: "error" });
  // yaml's LineCounter is wrong after a plain scalar of several lines.
  const position = (offset: number): Position => {
    const lines = text.slice(0, offset).split("\n");
    return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
  };
  const whole = (message: string, offset = 0): never => {
    throw new PackErrors(file, [{ path: [], message, position: position(offset) }]);
  };
  if (document.errors.some(({ code }) => code === "MULTIPLE_DOCS")) {
    return whole("expected one document, but a line with --- begins another", document.errors[0]?.pos[0]);
  }
  if (document.errors.length > 0) {
    throw new PackErrors(
      file,
      inOrder(document.errors.map(({ message, pos }) => ({ path: [], message, position: position(pos[0]) }))),
    );
  }
  let value: unknown;
  try {
    // Only this call finds an alias that expands without end or has no anchor.
    value = withoutNulls(document.toJS({ maxAliasCount: 100 })) ?? {};
  } catch (error) {
    if (error instanceof RangeError) return whole("an alias is inside its own anchor");
    return whole(`not readable as YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || Array.isArray(value)) whole("expected a mapping of fields to values");
  return { value, at: (path) => position(offsetOf(document, path)) };
}

/** Removes fields without a value, such as `aws:` with every line below it commented out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Error("tags such as !!set and !!omap are not supported");
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, withoutNulls(child)]).filter(([, child]) => child !== undefined),
  );
}

/**
 * Returns the offset of the value at `path`, or of its nearest ancestor if it does not exist. For an entry of a mapping this is
 * the offset of its key.
 */
function offsetOf(document: Document, path: ConfigPath): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = isNode(pair.value) ? pair.value : null;
    } else {
      const child: unknown = document.getIn(path.slice(0, depth + 1), true);
      node = isNode(child) ? child : null;
      offset = node?.range?.[0] ?? offset;
    }
    if (node === null) return offset;
  }
  return offset;
}
