/**
 * Untrusted text on the user's terminal.
 *
 * @module
 */

/** Complete escape sequences: colours and cursor movements (ECMA-48: CSI), titles and links (OSC). */
// deno-lint-ignore no-control-regex
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * Returns a text without the characters that move a terminal's cursor, change its colours or ring its bell. Line ends and tabs
 * stay. (stripVTControlCharacters of node:util also removes the text between a colour and a bell.)
 */
export function printable(text: string): string {
  return text.replaceAll(SEQUENCES, "").replaceAll(CONTROLS, "");
}
