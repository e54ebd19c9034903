import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import { type JsonSchema, packJsonSchema } from "../../../src/reference/json_schema.ts";
import { fieldsOf } from "./fields_of.ts";

const SCHEMA = packJsonSchema();

Deno.test("every field has a description that ends with a full stop", () => {
  const fields = fieldsOf(SCHEMA);
  assert.ok(fields.length > 60);
  for (const { path, schema } of fields) assert.match(schema.description ?? "", /^.+\.$/, path);
});

Deno.test("the schema has every field of a configuration", () => {
  const known = new Set(fieldsOf(SCHEMA).map(({ path }) => path));
  const visit = (value: unknown, path: string): void => {
    if (path !== "") assert.ok(known.has(path), path);
    if (Array.isArray(value)) value.forEach((item) => typeof item === "object" && visit(item, path));
    else if (typeof value === "object" && value !== null && path !== "cluster.nodeSelector") {
      for (const [key, child] of Object.entries(value)) visit(child, path === "" ? key : `${path}.${key}`);
    }
  };
  visit(readPack("").config, "");
});

Deno.test("the default of every field is the one that the reader applies", () => {
  const { config } = readPack("");
  for (const { path, schema } of fieldsOf(SCHEMA)) {
    if (schema.default === undefined || schema.type === "object") continue;
    const value = path.split(".").reduce<unknown>(
      (parent, key) => (parent as Record<string, unknown> | undefined)?.[key],
      config,
    );
    // A default configuration has no fields of items or of optional mappings.
    if (value !== undefined) assert.deepEqual(schema.default, value, path);
  }
});

Deno.test("no mapping except labels accepts an unknown field", () => {
  const visit = (schema: JsonSchema, path: string): string[] => [
    ...(schema.type === "object" && schema.additionalProperties !== false ? [path] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, child]) => visit(child, `${path}.${key}`)),
    ...(schema.items === undefined ? [] : visit(schema.items, path)),
  ];
  assert.deepEqual(visit(SCHEMA, ""), [".cluster.nodeSelector", ".flows.to.labels"]);
});

Deno.test("choices are listed, and only fields of items are required", () => {
  const fields = new Map(fieldsOf(SCHEMA).map(({ path, schema }) => [path, schema]));
  assert.deepEqual(fields.get("sandbox.backend")?.enum, ["docker", "ssh"]);
  assert.deepEqual(SCHEMA.required ?? [], []);
  assert.deepEqual(fields.get("flows")?.items?.required, ["to", "port", "why"]);
});
