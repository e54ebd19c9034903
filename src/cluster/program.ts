/**
 * Runs programs on the user's machine.
 *
 * @module
 */

import { UserError } from "../errors.ts";

/** Thrown if a program is missing or fails. */
export class ProgramFailed extends UserError {
  override readonly name: string = "ProgramFailed";
}

/** The exit status and the output of a program. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run. */
export interface ProgramOptions {
  /** Text for its standard input. Default: no standard input. */
  readonly input?: string;
  /** Milliseconds after which the program is stopped and counts as failed. Default: no limit. */
  readonly timeout?: number;
}

/**
 * Runs a program from the PATH until it exits, with the user's credentials and settings.
 *
 * @throws {Deno.errors.NotFound} if the program does not exist
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
    // A program that fails before it reads its input closes the pipe. Its own error states the reason.
    await writer.write(new TextEncoder().encode(input)).catch(() => undefined);
    await writer.close().catch(() => undefined);
  }
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const late = signal?.aborted ? `error: timed out after ${(timeout ?? 0) / 1000} s\n` : "";
  return { code: late === "" ? code : code || 1, stdout: text(stdout), stderr: late + text(stderr) };
}
