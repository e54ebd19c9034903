/**
 * What a secret's value must look like, so that the program that reads it accepts it: the rules behind the `format` of a row in
 * the table of secrets.
 *
 * @module
 */

import { UserError } from "../errors.ts";

/** The rule for one value. Nothing in it is secret. */
export interface SecretFormat {
  /** `one`: a single line, stored without the white space around it. `many`: a file, stored as it is. */
  readonly lines: "one" | "many";
  /** Only printable ASCII characters other than the space, because the value travels in an HTTP header. */
  readonly ascii?: true;
  /** What the value begins with. */
  readonly begins?: string;
  /** Fewest characters. */
  readonly minLength?: number;
  /** Name of the secret that must have another value. The AWS CLI alone can compare the two, once both are stored. */
  readonly differsFrom?: string;
}

/** What Terraform puts into a parameter until somebody puts the real value there by hand. */
export const DUMMY_VALUE = "dummy-value-to-be-updated-manually";

/** One line of any characters. */
export const LINE = { lines: "one" } as const satisfies SecretFormat;

/** The text of a file, such as a private key. */
export const FILE = { lines: "many" } as const satisfies SecretFormat;

/** A key of LiteLLM. `read_key` in `src/generate/litellm/custom_auth.py` has the same rule, and LiteLLM does not start with another key. */
export const LITELLM_KEY = { lines: "one", ascii: true, minLength: 16 } as const satisfies SecretFormat;

/** A key of Anthropic's. The proxy in front of Anthropic refuses any other, and the trial answers by mock. */
export const ANTHROPIC_KEY = { lines: "one", ascii: true, begins: "sk-ant-" } as const satisfies SecretFormat;

/** Thrown when a value breaks the rule for its secret; the message holds no part of the value. */
export class ValueRefused extends UserError {
  override readonly name = "ValueRefused";
}

/**
 * Returns a value as it is to be stored.
 *
 * @throws {ValueRefused} if the value breaks the rule: the message names the secret, the error and what to write instead
 */
export function storedValue(
  { name, format }: { readonly name: string; readonly format: SecretFormat },
  value: string,
): string {
  const bare = value.trim();
  const error = bare === ""
    ? "the value is empty; write the real one"
    : bare === DUMMY_VALUE
    ? "the value is Terraform's dummy; write the real one"
    : value.includes("\ufffd")
    ? "the value is not UTF-8 text; save it as UTF-8"
    : format.lines === "many"
    ? errorOfFile(value)
    : errorOfLine(format, bare);
  if (error !== undefined) throw new ValueRefused(`${name}: ${error}. Nothing was written.`);
  return format.lines === "many" ? value : bare;
}

function errorOfFile(value: string): string | undefined {
  if (/[^\P{Cc}\t\r\n]/u.test(value)) return "the file holds control characters; hand over a text file";
  return undefined;
}

function errorOfLine({ ascii, begins, minLength = 1 }: SecretFormat, value: string): string | undefined {
  if (/[\n\r\u2028\u2029]/.test(value)) return "the value has a line break inside; write it as one line";
  if (/\p{Cc}/u.test(value)) return "the value has a control character inside; write it without";
  if (ascii && !/^[!-~]*$/.test(value)) {
    return "the value has a space or a character beyond ASCII; write printable ASCII characters without spaces";
  }
  if (begins !== undefined && !value.startsWith(begins)) {
    return `the value does not begin with ${begins}; write the whole key, from its first character`;
  }
  if (begins === value) return `the value ends after ${begins}; write the whole key`;
  if (value.length < minLength) {
    return `the value is shorter than ${minLength} characters; write at least ${minLength}, such as the 64 of openssl rand -hex 32`;
  }
  return undefined;
}
