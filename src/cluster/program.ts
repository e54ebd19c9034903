/**
 * Programs of the user's machine.
 *
 * @module
 */

import { UserError } from "../errors.ts";

/** Thrown if a program is missing or fails. */
export class ProgramFailed extends UserError {
  override readonly name: string = "ProgramFailed";
}

/** How a program ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface ProgramOptions {
  /** Text for its standard input. Without it there is none. */
  readonly input?: string;
  /** Milliseconds after which it is stopped, which counts as a failure. Default: none. */
  readonly timeout?: number;
}

/**
 * Runs a program from the PATH to its end, with the credentials and settings of its user.
 *
 * @throws {Deno.errors.NotFound} if there is no such program
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  { input, timeout }: ProgramOptions = {},
): Promise<Outcome> {
  const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  const child = new Deno.Command(name, {
    args: [...args],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(signal === undefined ? {} : { signal }),
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    // A program that fails before it reads closes the pipe; its own error says why.
    await writer.write(new TextEncoder().encode(input)).catch(() => undefined);
    await writer.close().catch(() => undefined);
  }
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const late = signal?.aborted ? `error: timed out after ${(timeout ?? 0) / 1000} s\n` : "";
  return { code: late === "" ? code : code || 1, stdout: text(stdout), stderr: late + text(stderr) };
}
