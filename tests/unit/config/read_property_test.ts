import assert from "node:assert/strict";
import fc from "fast-check";
import { PackErrors, readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { packInput } from "../../support/arbitraries.ts";

/** Reads a text and checks that the position of every error is in the file. */
function readOrTell(text: string): void {
  try {
    readPack(text);
  } catch (error) {
    assert.ok(error instanceof PackErrors, `${error}`);
    assert.notEqual(error.errors.length, 0);
    const lines = text.split("\n");
    for (const { position: { line, column }, message } of error.errors) {
      assert.notEqual(message.trim(), "");
      assert.ok(Number.isInteger(line) && line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
      // The position of a missing value is one past the last character.
      const length = lines[line - 1]?.length ?? 0;
      assert.ok(Number.isInteger(column) && column >= 1 && column <= length + 1, `column ${column} of ${length}`);
    }
  }
}

/** Words of pack.yaml and YAML syntax, because random characters seldom get past the parser. */
const TOKENS = [
  ..."aws: |cluster:|models:|secrets:|flows:|env:|to:|hostname|backend: ssh|- |  |    |\n|\t|{|}|[|]|,|: |? |#|'|\""
    .split("|"),
  ..."&a |*a|!!set |!!omap |!!binary |!!str |%YAML 1.1\n|---\n|...\n|<<: |~|null|yes|0x1F|1e3|.nan|\uFEFF|\r\n|\u0000"
    .split("|"),
  "|\n",
  ">-\n",
];
const yamlish = fc.array(fc.constantFrom(...TOKENS), { maxLength: 25 }).map((tokens) => tokens.join(""));

/** Values under the names of fields, so that they get past "unknown field". */
const FIELDS =
  "hostname aws cluster models secrets flows sandbox images resources region nodeSelector podCidrs id env to labels"
    .split(" ");
const anyValue = fc.anything({
  key: fc.oneof(fc.constantFrom(...FIELDS), fc.string(), fc.constantFrom("__proto__", "constructor", "0")),
  values: [fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)],
  maxDepth: 4,
});

/** Valid files with a fixed seed, so that a failure shrinks to a smaller mutation, not to another file. */
const VALID = fc.sample(packInput, { numRuns: 20, seed: 1 }).map((input) => stringify(input));

/** A valid file in which part of the text was removed or replaced. */
const mutated = fc.tuple(
  fc.constantFrom(...VALID),
  fc.nat(),
  fc.nat(12),
  fc.oneof(fc.string({ maxLength: 6 }), yamlish),
)
  .map(([text, place, length, instead]) => {
    const start = place % text.length;
    return text.slice(0, start) + instead + text.slice(start + length);
  });

const texts: Record<string, fc.Arbitrary<string>> = {
  "any text": fc.string({ unit: "binary", maxLength: 60 }),
  "any text of YAML syntax": yamlish,
  "any value as YAML": anyValue.map((value) => stringify(value) ?? ""),
  "any mutated valid file": mutated,
};

for (const [name, arbitrary] of Object.entries(texts)) {
  Deno.test(`${name} is read, or its errors have positions`, () => {
    fc.assert(fc.property(arbitrary, readOrTell), { numRuns: 400 });
  });
}

Deno.test("every valid pack.yaml is read without errors, and its values are kept", () => {
  fc.assert(
    fc.property(packInput, (input) => {
      const { config } = readPack(stringify(input));
      assert.partialDeepStrictEqual(config, input);
    }),
    { numRuns: 150 },
  );
});

Deno.test("reading a configuration that was read returns the same configuration", () => {
  fc.assert(
    fc.property(packInput, (input) => {
      const { config } = readPack(stringify(input));
      assert.deepEqual(readPack(stringify(config)).config, config);
    }),
    { numRuns: 50 },
  );
});
