import assert from "node:assert/strict";
import fc from "fast-check";
import { PackErrors, readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { packInput } from "../../support/arbitraries.ts";

/** Reads it; the errors, where there are any, must be of use to whoever looks for them in the file. */
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
      // One past the last character is the place of what is missing there.
      const length = lines[line - 1]?.length ?? 0;
      assert.ok(Number.isInteger(column) && column >= 1 && column <= length + 1, `column ${column} of ${length}`);
    }
  }
}

/** Words of pack.yaml and signs of YAML: random characters alone seldom get past the parser. */
const TOKENS = [
  ..."aws: |cluster:|models:|secrets:|flows:|env:|to:|hostname|backend: ssh|- |  |    |\n|\t|{|}|[|]|,|: |? |#|'|\""
    .split("|"),
  ..."&a |*a|!!set |!!omap |!!binary |!!str |%YAML 1.1\n|---\n|...\n|<<: |~|null|yes|0x1F|1e3|.nan|\uFEFF|\r\n|\u0000"
    .split("|"),
  "|\n",
  ">-\n",
];
const yamlish = fc.array(fc.constantFrom(...TOKENS), { maxLength: 25 }).map((tokens) => tokens.join(""));

/** Values that hide behind the names of fields, so that they get past "unknown field". */
const FIELDS =
  "hostname aws cluster models secrets flows sandbox images resources region nodeSelector podCidrs id env to labels"
    .split(" ");
const anyValue = fc.anything({
  key: fc.oneof(fc.constantFrom(...FIELDS), fc.string(), fc.constantFrom("__proto__", "constructor", "0")),
  values: [fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)],
  maxDepth: 4,
});

/** Valid files, always the same ones, so that a failure shrinks to a slip and not to another file. */
const VALID = fc.sample(packInput, { numRuns: 20, seed: 1 }).map((input) => stringify(input));

/** A valid file in which one part of the text was taken out or replaced. */
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
  "any text of YAML's own signs": yamlish,
  "any value as YAML": anyValue.map((value) => stringify(value) ?? ""),
  "any valid file with a slip in it": mutated,
};

for (const [name, arbitrary] of Object.entries(texts)) {
  Deno.test(`${name} is read, or its errors are told with their places`, () => {
    fc.assert(fc.property(arbitrary, readOrTell), { numRuns: 400 });
  });
}

Deno.test("every valid pack.yaml is read without a fault, and its values are kept", () => {
  fc.assert(
    fc.property(packInput, (input) => {
      const { config } = readPack(stringify(input));
      assert.partialDeepStrictEqual(config, input);
    }),
    { numRuns: 150 },
  );
});

Deno.test("what was read reads as itself", () => {
  fc.assert(
    fc.property(packInput, (input) => {
      const { config } = readPack(stringify(input));
      assert.deepEqual(readPack(stringify(config)).config, config);
    }),
    { numRuns: 50 },
  );
});
