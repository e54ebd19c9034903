/**
 * Collects what a person types or pastes as an answer that must not be shown.
 *
 * @module
 */

const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";

/** A key such as an arrow (ECMA-48: CSI; SS3 from the keypad). */
// deno-lint-ignore no-control-regex
const KEY = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])$/;
/** The beginning of such a key. */
// deno-lint-ignore no-control-regex
const PART_OF_KEY = /^\x1b(?:\[[0-?]*[ -/]*|O)?$/;

/**
 * The answer to one question, read as text from a terminal in raw mode. Backspace and Ctrl-U edit it, and arrow keys do
 * nothing. All other control characters stay in it, including line breaks, so that the check of the value refuses them instead
 * of accepting part of a paste as the value.
 *
 * @example
 * ```ts ignore
 * const line = new HiddenLine();
 * line.feed("a valuf\x7fe\r");
 * line.isComplete; // true
 * line.text; // "a value\n"
 * ```
 */
export class HiddenLine {
  #characters: string[] = [];
  #key = "";
  #isPasting = false;
  #isEntered = false;
  #isGivenUp = false;

  /** The text so far. */
  get text(): string {
    return this.#characters.join("");
  }

  /** Whether Enter was pressed and no bracketed paste is in progress. */
  get isComplete(): boolean {
    return this.#isEntered && !this.#isPasting;
  }

  /** Whether a bracketed paste has begun and not ended. */
  get isPasting(): boolean {
    return this.#isPasting;
  }

  /** Whether the user pressed Ctrl-D instead of answering. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Adds the next input; a key may be split between two calls. */
  feed(input: string): void {
    for (const character of input) this.#take(character);
  }

  #take(character: string): void {
    if (this.#key !== "") {
      const key = this.#key + character;
      if (PART_OF_KEY.test(key)) {
        this.#key = key;
        return;
      }
      this.#key = "";
      if (KEY.test(key)) return this.#press(key);
      this.#characters.push(...key.slice(0, -character.length));
    }
    if (character === "\x1b") this.#key = character;
    else this.#type(character);
  }

  #press(key: string): void {
    if (key === PASTE_BEGINS) this.#isPasting = true;
    else if (key === PASTE_ENDS) this.#isPasting = false;
    else if (this.#isPasting) this.#characters.push(...key);
  }

  #type(character: string): void {
    const isBreak = character === "\r" || character === "\n";
    if (isBreak && !this.#isPasting) this.#isEntered = true;
    if (isBreak) this.#characters.push("\n");
    else if (this.#isPasting || this.#isEntered) this.#characters.push(character);
    else if (character === "\x7f" || character === "\b") this.#characters.pop();
    else if (character === "\x15") this.#characters = [];
    else if (character === "\x04" && this.#characters.length === 0) this.#isGivenUp = true;
    else this.#characters.push(character);
  }
}
