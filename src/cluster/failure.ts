/**
 * How kubectl fails.
 *
 * @module
 */

import { UserError } from "../errors.ts";

/** Thrown when kubectl is not there, or fails; the message is its own line about it. */
export class KubectlFailed extends UserError {
  override readonly name = "KubectlFailed";
}

/** Runs or starts it. @throws {KubectlFailed} if there is none */
export async function orMissing<T>(start: () => T | Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new KubectlFailed("kubectl is not on the PATH; install it first");
  }
}

/** Why a process failed: time ran out, or the line of its errors that says what is wrong, after its warnings and its log. */
export function failure(signal: AbortSignal, timeout: number, stderr: string): KubectlFailed {
  if (signal.aborted) return new KubectlFailed(`timed out after ${timeout / 1000} s`);
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const told = lines.find((line) => /^error|^Error|forbidden/i.test(line)) ?? lines.at(-1);
  return new KubectlFailed(told ?? "kubectl failed with no output");
}
