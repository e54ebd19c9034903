/**
 * schema/pack.ts: the types of pack.yaml, which the library exports. Derived types would show only valibot's in the library's
 * documentation; these have each field with its description, and src/config/schema.ts checks that they equal the derived ones.
 *
 * @module
 */

import type { JsonSchema } from "./json_schema.ts";

const HEAD = `// Generated from src/config/schema.ts by \`deno task docs\`. Do not edit.

/**
 * The types of pack.yaml.
 *
 * @module
 */
`;

/** Returns the text of the file. */
export function packTypes(schema: JsonSchema): string {
  const written = ({ required = [] }: JsonSchema, name: string) => required.includes(name);
  const read = (parent: JsonSchema, name: string) =>
    written(parent, name) || parent.properties?.[name]?.default !== undefined;
  return [
    HEAD,
    "/** A pack.yaml that was read: every field is there. */",
    `export interface PackConfig ${mapping(schema, read, "")}\n`,
    "/** A pack.yaml as it is written: every field may be missing. */",
    `export interface PackInput ${mapping(schema, written, "")}\n`,
  ].join("\n");
}

/** Whether a field of a mapping is always there. */
type Present = (parent: JsonSchema, name: string) => boolean;

function mapping(schema: JsonSchema, present: Present, indent: string): string {
  const inside = `${indent}  `;
  const lines = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const type = typeOf(child, present, inside);
    return [
      `${inside}/** ${child.description} */`,
      `${inside}${name}${present(schema, name) ? `: ${type}` : `?: ${type} | undefined`};`,
    ];
  });
  return ["{", ...lines, `${indent}}`].join("\n");
}

function typeOf(schema: JsonSchema, present: Present, indent: string): string {
  const { additionalProperties, items, properties, type } = schema;
  if (schema.enum !== undefined) return schema.enum.map((choice) => JSON.stringify(choice)).join(" | ");
  if (properties !== undefined) return mapping(schema, present, indent);
  if (items !== undefined) return `${typeOf(items, present, indent)}[]`;
  if (typeof additionalProperties === "object") {
    return `Record<string, ${typeOf(additionalProperties, present, indent)}>`;
  }
  if (type === "integer") return "number";
  if (type === undefined) throw new Error("a field without a type");
  return type;
}
