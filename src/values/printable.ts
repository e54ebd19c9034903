/**
 * Text of somebody else's on the user's terminal.
 *
 * @module
 */

/** Colours and cursor movements (ECMA-48: CSI), and titles and links (OSC), as far as each goes. */
// deno-lint-ignore no-control-regex
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * A text without what moves a terminal's cursor, colours it or rings its bell; line ends and tabs stay. (Of node:util,
 * stripVTControlCharacters takes the text between a colour and a bell away, too.)
 */
export function printable(text: string): string {
  return text.replaceAll(SEQUENCES, "").replaceAll(CONTROLS, "");
}
