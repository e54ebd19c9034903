import assert from "node:assert/strict";
import { packJsonSchema } from "../../../src/reference/json_schema.ts";
import { packYamlPage } from "../../../src/reference/pack_yaml.ts";
import { fieldsOf } from "./fields_of.ts";

const SCHEMA = packJsonSchema();
const PAGE = packYamlPage(SCHEMA);

/** Returns the rows of the page by the path of their field: `models.id` is the row `id` below the heading `models`. */
function rowsOf(page: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  let section = "";
  for (const line of page.split("\n")) {
    section = /^## (.+)$/.exec(line)?.[1] ?? section;
    const [, field = "", ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const name = /^`(.+)`$/.exec(field)?.[1];
    if (name === undefined) continue;
    const path = section === "" ? name : `${section}.${name}`;
    rows.set(path.replaceAll("[]", ""), cells.slice(0, -1));
  }
  return rows;
}
const ROWS = rowsOf(PAGE);

/** Returns whether a field has a row. Sections and nested mappings have none, but their fields do. */
const FIELDS = fieldsOf(SCHEMA).filter(({ path, schema }) =>
  schema.properties === undefined && (path.includes(".") || schema.items?.properties === undefined)
);

Deno.test("the page has exactly one row for every field of the schema", () => {
  assert.deepEqual([...ROWS.keys()].toSorted(), FIELDS.map(({ path }) => path).toSorted());
});

Deno.test("each row has three cells, including the field's description and its default", () => {
  for (const { path, schema } of FIELDS) {
    const [description, fallback, ...rest] = ROWS.get(path) ?? [];
    assert.equal(description, schema.description, path);
    if (schema.default !== undefined) assert.ok(fallback?.includes(JSON.stringify(schema.default)), path);
    assert.deepEqual(rest, [], path);
  }
});

Deno.test("only a required field is marked as required", () => {
  const required = FIELDS.filter((field) => field.required).map(({ path }) => path);
  assert.deepEqual([...ROWS].filter(([, cells]) => /^required\b/.test(cells[1] ?? "")).map(([path]) => path), required);
});

Deno.test("the page lists every choice", () => {
  for (const { path, schema } of FIELDS) {
    for (const choice of schema.enum ?? []) {
      assert.ok(ROWS.get(path)?.[1]?.includes(`\`${choice}\``), `${path} ${choice}`);
    }
  }
});

Deno.test("every section has a heading and a description", () => {
  const sections = Object.entries(SCHEMA.properties ?? {}).filter(([, child]) => (child.items ?? child).properties);
  assert.notEqual(sections.length, 0);
  for (const [name, { description }] of sections) assert.ok(PAGE.includes(`## ${name}\n\n${description}\n`), name);
});
