/**
 * How kubectl fails.
 *
 * @module
 */

import { UserError } from "../errors.ts";

/** Thrown if kubectl fails; the message is its own line about it. */
export class KubectlFailed extends UserError {
  override readonly name = "KubectlFailed";
}

/** Returns the line of kubectl's standard error that says what is wrong; warnings and log lines come before it. */
export function reasonOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => /^error|^Error|forbidden/i.test(line)) ?? lines.at(-1) ?? "kubectl failed with no output";
}
