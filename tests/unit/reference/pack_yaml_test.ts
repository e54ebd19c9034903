import assert from "node:assert/strict";
import { packJsonSchema } from "../../../src/reference/json_schema.ts";
import { packYamlPage } from "../../../src/reference/pack_yaml.ts";
import { fieldsOf } from "./fields_of.ts";

const SCHEMA = packJsonSchema();
const PAGE = packYamlPage(SCHEMA);

/** The rows of the page by the path of their field: `models.id` is the row `id` below the heading `models`. */
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

/** A section has no row of its own, nor has a mapping inside one; their fields have. */
const FIELDS = fieldsOf(SCHEMA).filter(({ path, schema }) =>
  schema.properties === undefined && (path.includes(".") || schema.items?.properties === undefined)
);

Deno.test("the page has a row for every field of the schema, and none besides", () => {
  assert.deepEqual([...ROWS.keys()].toSorted(), FIELDS.map(({ path }) => path).toSorted());
});

Deno.test("each row has the field's description and its default in three whole cells", () => {
  for (const { path, schema } of FIELDS) {
    const [description, fallback, ...rest] = ROWS.get(path) ?? [];
    assert.equal(description, schema.description, path);
    if (schema.default !== undefined) assert.ok(fallback?.includes(JSON.stringify(schema.default)), path);
    assert.deepEqual(rest, [], path);
  }
});

Deno.test("a field that must be there is called required, and no other", () => {
  const required = FIELDS.filter((field) => field.required).map(({ path }) => path);
  assert.deepEqual([...ROWS].filter(([, cells]) => /^required\b/.test(cells[1] ?? "")).map(([path]) => path), required);
});

Deno.test("every choice is on the page", () => {
  for (const { path, schema } of FIELDS) {
    for (const choice of schema.enum ?? []) {
      assert.ok(ROWS.get(path)?.[1]?.includes(`\`${choice}\``), `${path} ${choice}`);
    }
  }
});

Deno.test("every section has its heading and its description", () => {
  const sections = Object.entries(SCHEMA.properties ?? {}).filter(([, child]) => (child.items ?? child).properties);
  assert.notEqual(sections.length, 0);
  for (const [name, { description }] of sections) assert.ok(PAGE.includes(`## ${name}\n\n${description}\n`), name);
});
