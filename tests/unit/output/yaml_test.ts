import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { yamlLines } from "../../../src/output/yaml.ts";

const ofTheLibrary = (value: object) =>
  stringify(value, { compat: "yaml-1.1", aliasDuplicateObjects: false, lineWidth: 0 });
const written = (value: object) => `${yamlLines(value).join("\n")}\n`;

/** Texts of what quotes depend on. */
const TRICKY = "a b y NO on null true - : :// # , ' \" | > / . @ 0 1 1.5 0x1f 12:30 e E5 _ = ~ ? [ { % & * !".split(
  " ",
);
const word = fc.constantFrom(...TRICKY, " ", "\t", "\n", "\n\n", "\n  ");
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.array(word, { maxLength: 6 }).map((words) => words.join("")),
  fc.array(word, { maxLength: 6 }).map((words) => words.join(" ")),
);

Deno.test("whatever is written, the library writes the same bytes", () => {
  // Only at the top of a document the library quotes a key that begins like a marker; here any such key is quoted.
  const key = text.filter((key) => !/^(---|\.\.\.)/.test(key));
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(key, tie("node"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).node;
  fc.assert(
    fc.property(fc.record({ tree }, { noNullPrototype: true }), (value) => {
      assert.equal(written(value), ofTheLibrary(value));
    }),
    { numRuns: 1000 },
  );
});

/** Every word of so many letters. */
function wordsOf(letters: readonly string[], length: number): string[] {
  return length === 0 ? [""] : wordsOf(letters, length - 1).flatMap((word) => letters.map((letter) => word + letter));
}

Deno.test("of all short words, those are quoted that the library quotes", () => {
  const words = [
    ...wordsOf([..."aefnlorstuyxEFNORSUY/019_.@- :"], 3),
    // What separates a key, begins a comment or an item, or must not end a text.
    ...wordsOf([..."a0.:- #"], 5),
    ..."true True FALSE false null NULL yes Off truely".split(" "),
  ];
  assert.equal(written(words), ofTheLibrary(words));
});
