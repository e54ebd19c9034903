/**
 * kubectl as a process.
 *
 * @module
 */

/** Thrown when kubectl is not there, or fails; the message is its own line about it. */
export class KubectlFailed extends Error {
  override readonly name = "KubectlFailed";
}

/** Starts kubectl from the PATH. @throws {KubectlFailed} when there is none */
export function spawn(args: readonly string[], stdin: "null" | "piped", signal: AbortSignal): Deno.ChildProcess {
  try {
    return new Deno.Command("kubectl", { args: [...args], stdin, stdout: "piped", stderr: "piped", signal }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new KubectlFailed("kubectl is not on the PATH; install it first");
  }
}

/** Why a process failed: time ran out, or the line of its errors that says what is wrong, after its warnings and its log. */
export function failure(signal: AbortSignal, timeout: number, stderr: string): KubectlFailed {
  if (signal.aborted) return new KubectlFailed(`no answer within ${timeout / 1000} s`);
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const told = lines.find((line) => /^error|^Error|forbidden/i.test(line)) ?? lines.at(-1);
  return new KubectlFailed(told ?? "kubectl failed without a word");
}
