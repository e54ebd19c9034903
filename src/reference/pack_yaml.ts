/**
 * docs/configuration.md: the reference of pack.yaml, generated from its schema.
 *
 * @module
 */

import type { JsonSchema } from "./json_schema.ts";

const INTRODUCTION = `<!-- Generated from src/config/schema.ts by \`deno task docs\`. Do not edit. -->

# pack.yaml

The only file to edit. Every field is optional; the defaults are lolice's own deployment. All errors are reported together,
each with its line, its path and, where it can be guessed, what to write instead. Nothing is written until all are fixed.
`;

/** Returns the text of the page. */
export function packYamlPage(schema: JsonSchema): string {
  const properties = Object.entries(schema.properties ?? {});
  const plain = properties.filter(([, child]) => !isSection(child));
  const sections = properties.filter(([, child]) => isSection(child));
  return [
    INTRODUCTION,
    table(plain),
    ...sections.map(([name, child]) => section(name, child)),
  ].join("\n");
}

function isSection(schema: JsonSchema): boolean {
  return rowsOf(schema) !== undefined;
}

/** Returns the fields of a mapping, or those of each item in a list of mappings. */
function rowsOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> | undefined {
  return schema.properties ?? schema.items?.properties;
}

function section(name: string, schema: JsonSchema): string {
  const head = `## ${name}\n\n${schema.description ?? ""}\n`;
  const list = schema.items === undefined ? "" : `A list; each item has:\n\n`;
  const defaults = Array.isArray(schema.default) && schema.default.length > 0
    ? `Default:\n\n\`\`\`json\n${JSON.stringify(schema.default, null, 2)}\n\`\`\`\n`
    : "";
  return `${head}\n${list}${table(fields(schema))}${defaults === "" ? "" : `\n${defaults}`}`;
}

/** Returns the fields of a section, including those of nested mappings and lists, with their full paths. */
function fields(schema: JsonSchema): [string, JsonSchema][] {
  const required = new Set((schema.items ?? schema).required ?? []);
  return Object.entries(rowsOf(schema) ?? {}).flatMap(([name, child]): [string, JsonSchema][] => {
    const inside = (prefix: string) =>
      fields(child).map(([below, field]): [string, JsonSchema] => [prefix + below, field]);
    if (child.properties !== undefined) return inside(`${name}.`);
    const own = required.has(name) ? { ...child, default: REQUIRED } : child;
    return [[name, own], ...inside(`${name}[].`)];
  });
}

const REQUIRED = Symbol("required");

function table(rows: readonly [string, JsonSchema][]): string {
  const lines = rows.map(([name, schema]) => `| \`${name}\` | ${schema.description ?? ""} | ${defaultOf(schema)} |`);
  return ["| field | description | default |", "| --- | --- | --- |", ...lines, ""].join("\n");
}

function defaultOf(schema: JsonSchema): string {
  const choices = schema.enum === undefined
    ? ""
    : ` (one of ${schema.enum.map((choice) => `\`${choice}\``).join(", ")})`;
  if (schema.default === REQUIRED) return `required${choices}`;
  if (schema.default === undefined) return `none${choices}`;
  return `\`${JSON.stringify(schema.default)}\`${choices}`;
}
