import assert from "node:assert/strict";
import { HiddenLine } from "../../../../src/commands/ssm/hidden_line.ts";

/** Returns the state and text of a line after these pieces of input. */
function typed(...pieces: string[]): string {
  const line = new HiddenLine();
  for (const piece of pieces) line.feed(piece);
  const state = line.isGivenUp ? "given up" : line.isComplete ? "complete" : line.isPasting ? "pasting" : "open";
  return `${state}: ${JSON.stringify(line.text)}`;
}

Deno.test("Enter completes a line", () => {
  assert.equal(typed("fake"), `open: "fake"`);
  assert.equal(typed("fa", "ke\r"), `complete: "fake\\n"`);
  assert.equal(typed("\r"), `complete: "\\n"`);
});

Deno.test("Backspace removes one character, and Ctrl-U removes all", () => {
  assert.equal(typed("fak🔑\x7fe\r"), `complete: "fake\\n"`);
  assert.equal(typed("\x7f\bfake\r"), `complete: "fake\\n"`);
  assert.equal(typed("mistake\x15fake\r"), `complete: "fake\\n"`);
});

Deno.test("arrows and other keys do nothing, even if they come in pieces", () => {
  assert.equal(typed("fa\x1b[Dk\x1bOHe\x1b[3~\x1b[1;5C\r"), `complete: "fake\\n"`);
  assert.equal(typed("fake\x1b", "[", "1;5", "C\r"), `complete: "fake\\n"`);
});

Deno.test("other control characters stay, so that the check of the value refuses them", () => {
  assert.equal(typed("fa\x17ke\r"), `complete: "fa\\u0017ke\\n"`);
  assert.equal(typed("fa\x1bxke\r"), `complete: "fa\\u001bxke\\n"`);
  assert.equal(typed("fake\x1b\r"), `complete: "fake\\u001b\\n"`);
});

Deno.test("Ctrl-D gives up only if nothing was typed", () => {
  assert.equal(typed("\x04"), `given up: ""`);
  assert.equal(typed("fake\x04\r"), `complete: "fake\\u0004\\n"`);
});

Deno.test("several lines pasted together are one answer with line breaks", () => {
  assert.equal(typed("one\rtwo\r"), `complete: "one\\ntwo\\n"`);
  assert.equal(typed("one\r\n", "two"), `complete: "one\\n\\ntwo"`);
});

Deno.test("a bracketed paste ends at its end marker, and Enter after it completes the line", () => {
  assert.equal(typed("\x1b[200~one\rtwo"), `pasting: "one\\ntwo"`);
  assert.equal(typed("\x1b[200~one\rtwo\x1b[201~"), `open: "one\\ntwo"`);
  assert.equal(typed("\x1b[20", "0~fake\n\x1b[2", "01~\r"), `complete: "fake\\n\\n"`);
  assert.equal(typed("\x1b[200~a\x7fb\x15c\x1b[Dd\x1b[201~\r"), `complete: "a\x7fb\\u0015c\\u001b[Dd\\n"`);
  assert.equal(typed("one\r\x1b[200~two"), `pasting: "one\\ntwo"`);
});
