/**
 * The machine that a command runs on: its programs, files and clock.
 *
 * @module
 */

import { type Outcome, ProgramFailed, type ProgramOptions, runProgram } from "./program.ts";
import { onStop } from "./signals.ts";

/** The programs that the commands run. */
export type Program = "kubectl" | "kind" | "docker";

/** Everything outside this process that a command uses. Tests replace it. */
export interface Machine {
  /** Runs a program until it exits. @throws {ProgramFailed} if it is not on the PATH */
  run(program: Program, args: readonly string[], options?: ProgramOptions): Promise<Outcome>;
  /**
   * Runs a program, calls `line` for each line of its output, and returns its exit status.
   *
   * @throws {ProgramFailed} if it is not on the PATH
   */
  follow(program: Program, args: readonly string[], line: (text: string) => void): Promise<number>;
  exists(path: string): Promise<boolean>;
  sleep(seconds: number): Promise<void>;
  /** Returns the time of a monotonic clock in seconds. */
  seconds(): number;
}

/** The machine that this process runs on. */
export const thisMachine: Machine = {
  run: (program, args, options) => requireProgram(program, () => runProgram(program, args, options)),
  follow: (program, args, line) => requireProgram(program, () => follow(program, args, line)),
  exists: (path) => Deno.stat(path).then(() => true, () => false),
  sleep: (seconds) => new Promise((done) => setTimeout(done, seconds * 1000)),
  seconds: () => performance.now() / 1000,
};

/** Runs a program and returns its standard output. @throws {ProgramFailed} if it fails, with its message */
export async function runOrThrow(machine: Machine, program: Program, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await machine.run(program, args);
  if (code === 0) return stdout;
  throw new ProgramFailed(`${program} failed: ${stderr.trim() || stdout.trim() || `exit status ${code}`}`);
}

/** Runs or starts a program. @throws {ProgramFailed} if it is not on the PATH */
export async function requireProgram<T>(program: Program, start: () => T | Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ProgramFailed(`${program} is not on the PATH; install it first`);
  }
}

async function follow(program: Program, args: readonly string[], line: (text: string) => void): Promise<number> {
  const child = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  using _handler = onStop(() => stop(child));
  const [{ code }] = await Promise.all([child.status, lines(child.stdout, line), lines(child.stderr, line)]);
  return code;
}

/** Sends SIGTERM to a program, which may have exited already. */
export function stop(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

async function lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>, line: (text: string) => void): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const complete = (rest + text).split("\n");
    rest = complete.pop() ?? "";
    complete.forEach(line);
  }
  if (rest !== "") line(rest);
}
