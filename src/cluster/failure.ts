/**
 * Errors of kubectl.
 *
 * @module
 */

import { UserError } from "../errors.ts";

/** Thrown if kubectl fails. The message is kubectl's own error line. */
export class KubectlFailed extends UserError {
  override readonly name = "KubectlFailed";
}

/** Returns the line of kubectl's standard error that states the error. Warnings and log lines may precede it. */
export function reasonOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => /^error|^Error|forbidden/i.test(line)) ?? lines.at(-1) ?? "kubectl failed with no output";
}
