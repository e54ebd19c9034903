import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { HEADER } from "../../../src/output/file.ts";
import { jsonText, yamlText } from "../../../src/output/text.ts";

/** Kubernetes' parser partly follows YAML 1.1, others follow 1.2: a string must be a string in both. */
const VERSIONS = ["1.1", "1.2"] as const;

Deno.test("a string that YAML 1.1 or 1.2 would read as another type stays a string", () => {
  const traps = (
    "yes|no|on|off|y|n|true|null|~|0777|0o17|0x1f|0b1|1e3|1_000|12:30:45|2001-12-14|.5|1.|.inf|.NaN|=|<<|-|?|" +
    "a: b|a #b|#a|&a|*a|!a|%a|@a|`a|[a|{a|- a|---|...| a|a | |"
  ).split("|");
  for (const trap of [...traps, "a\nb", "a\n", "\n", "\t", "|", ">"]) {
    for (const version of VERSIONS) {
      const value = { value: trap, list: [trap] };
      assert.deepEqual(parse(yamlText(value), { version }), value, `${trap} in ${version}`);
    }
  }
});

Deno.test("any object is read back unchanged", () => {
  const anyText = fc.string({ unit: "grapheme" });
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      anyText,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("node"), { maxLength: 3 }),
      // In YAML 1.1 << is not a key.
      fc.dictionary(anyText.filter((key) => key !== "<<"), tie("node"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).node;
  fc.assert(fc.property(fc.record({ tree }, { noNullPrototype: true }), (value) => {
    for (const version of VERSIONS) assert.deepEqual(parse(yamlText(value), { version }), value);
  }));
});

Deno.test("the file begins with the header and ends with one newline", () => {
  for (const value of [{}, { a: 1 }, { a: "text\n" }, { a: "a\nb" }, { a: [] }]) {
    const text = yamlText(value);
    assert.ok(text.startsWith(`# ${HEADER}\n---\n`));
    assert.match(text, /[^\n]\n$/);
  }
});

Deno.test("keys keep their order, long lines are not wrapped, and a repeated object is written twice", () => {
  const shared = { key: "value" };
  const long = "word ".repeat(60) + "end";
  const body = yamlText({ z: shared, a: shared, long }).split("---\n")[1];
  assert.equal(body, `z:\n  key: value\na:\n  key: value\nlong: ${long}\n`);
});

Deno.test("a comment is above its entry or item", () => {
  const value = { spec: { ports: [{ port: 1, name: "x" }, { port: 2 }], list: ["a", "b"] } };
  const body = yamlText(value, [
    [["spec"], "above a mapping"],
    [["spec", "ports"], "above a list"],
    [["spec", "ports", 1], "above an item"],
    [["spec", "ports", 0, "name"], "two\nlines"],
    [["spec", "list", 1], "above a text"],
  ]).split("---\n")[1];
  assert.equal(
    body,
    `# above a mapping
spec:
  # above a list
  ports:
    - port: 1
      # two
      # lines
      name: x
    # above an item
    - port: 2
  list:
    - a
    # above a text
    - b
`,
  );
});

Deno.test("a comment with any text does not change what is read", () => {
  const value = { a: { b: "c" }, d: [{ e: 1 }] };
  fc.assert(fc.property(fc.string({ minLength: 1 }), (comment) => {
    const line = comment.replaceAll(/\p{Cc}/gu, " ");
    assert.deepEqual(parse(yamlText(value, [[["a", "b"], line], [["d", 0], line]])), value);
  }));
});

Deno.test("a comment on a missing value is an error that names its path", () => {
  assert.throws(() => yamlText({ a: {} }, [[["a", "b"], "text"]]), /no value at a\.b to comment on/);
});

Deno.test("JSON is indented by two spaces and ends with one newline", () => {
  assert.equal(jsonText({ b: [1], a: "ä" }), '{\n  "b": [\n    1\n  ],\n  "a": "ä"\n}\n');
});
