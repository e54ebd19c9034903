/**
 * What a secret's value must look like so that the program that reads it accepts it. The rows of the table of secrets refer to
 * these rules as `format`.
 *
 * @module
 */

import { UserError } from "../errors.ts";

/** The rule for one value. A rule contains nothing secret. */
export interface SecretFormat {
  /** `one`: a single line, stored without surrounding white space. `many`: a file, stored unchanged. */
  readonly lines: "one" | "many";
  /** Whether only printable ASCII characters other than the space are allowed, because the value is sent in an HTTP header. */
  readonly ascii?: true;
  /** The prefix of the value. */
  readonly begins?: string;
  /** The minimum number of characters. */
  readonly minLength?: number;
  /** Name of a secret that must have a different value. Only the AWS CLI can compare the two, once both are stored. */
  readonly differsFrom?: string;
}

/** The placeholder that Terraform stores in a parameter until a person stores the real value. */
export const DUMMY_VALUE = "dummy-value-to-be-updated-manually";

/** One line of any characters. */
export const LINE = { lines: "one" } as const satisfies SecretFormat;

/** The text of a file, such as a private key. */
export const FILE = { lines: "many" } as const satisfies SecretFormat;

/**
 * A key of LiteLLM. `read_key` in `src/generate/litellm/custom_auth.py` has the same rule, and LiteLLM does not start with any
 * other key.
 */
export const LITELLM_KEY = { lines: "one", ascii: true, minLength: 16 } as const satisfies SecretFormat;

/** An Anthropic key. The key proxy refuses any other key, and the trial answers with a mock. */
export const ANTHROPIC_KEY = { lines: "one", ascii: true, begins: "sk-ant-" } as const satisfies SecretFormat;

/** Thrown if a value breaks the rule for its secret. The message contains no part of the value. */
export class ValueRefused extends UserError {
  override readonly name = "ValueRefused";
}

/**
 * Returns a value in the form in which to store it.
 *
 * @throws {ValueRefused} if the value breaks the rule; the message names the secret, the error and what to write instead
 */
export function storedValue(
  { name, format }: { readonly name: string; readonly format: SecretFormat },
  value: string,
): string {
  const bare = value.trim();
  const error = bare === ""
    ? "the value is empty; write the real one"
    : bare === DUMMY_VALUE
    ? "the value is still Terraform's placeholder; write the real one"
    : value.includes("\ufffd")
    ? "the value is not UTF-8 text; save it as UTF-8"
    : format.lines === "many"
    ? errorOfFile(value)
    : errorOfLine(format, bare);
  if (error !== undefined) throw new ValueRefused(`${name}: ${error}. Nothing was written.`);
  return format.lines === "many" ? value : bare;
}

function errorOfFile(value: string): string | undefined {
  if (/[^\P{Cc}\t\r\n]/u.test(value)) return "the file contains control characters; use a text file";
  return undefined;
}

function errorOfLine({ ascii, begins, minLength = 1 }: SecretFormat, value: string): string | undefined {
  if (/[\n\r\u2028\u2029]/.test(value)) return "the value contains a line break; write it on one line";
  if (/\p{Cc}/u.test(value)) return "the value contains a control character; remove it";
  if (ascii && !/^[!-~]*$/.test(value)) {
    return "the value contains a space or a non-ASCII character; use only printable ASCII characters without spaces";
  }
  if (begins !== undefined && !value.startsWith(begins)) {
    return `the value does not begin with ${begins}; paste the entire key, from its first character`;
  }
  if (begins === value) return `the value ends after ${begins}; paste the entire key`;
  if (value.length < minLength) {
    return `the value is shorter than ${minLength} characters; use at least ${minLength}, such as the 64 of openssl rand -hex 32`;
  }
  return undefined;
}
