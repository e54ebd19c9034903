/**
 * What a trial needs of the machine that it is started on.
 *
 * @module
 */

import { type Outcome, runProgram } from "./program.ts";
import { UserError } from "../errors.ts";

/** The programs that a trial runs. */
export type Program = "kubectl" | "kind" | "docker";

/** Thrown when a trial cannot go on; the message is for its user. */
export class TrialFailed extends UserError {
  override readonly name = "TrialFailed";
}

/** Everything outside this process that a trial touches, so that a test can replace it. */
export interface Machine {
  /** Runs a program to its end. @throws {TrialFailed} if it is not on the PATH */
  run(program: Program, args: readonly string[]): Promise<Outcome>;
  /**
   * Runs a program that takes its time, and hands over each line it writes. Gives its exit status, or says that it was stopped by
   * Ctrl-C or a signal to this process. @throws {TrialFailed} if it is not on the PATH
   */
  follow(program: Program, args: readonly string[], line: (text: string) => void): Promise<number | "stopped">;
  exists(path: string): Promise<boolean>;
  sleep(seconds: number): Promise<void>;
  /** Seconds on a clock that never goes back. */
  seconds(): number;
}

/** The machine that this runs on. */
export const thisMachine: Machine = {
  run: (program, args) => orMissing(program, () => runProgram(program, args)),
  follow: (program, args, line) => orMissing(program, () => follow(program, args, line)),
  exists: (path) => Deno.stat(path).then(() => true, () => false),
  sleep: (seconds) => new Promise((done) => setTimeout(done, seconds * 1000)),
  seconds: () => performance.now() / 1000,
};

/** Runs a program and returns its standard output. @throws {TrialFailed} if it fails, with its message */
export async function runOrThrow(machine: Machine, program: Program, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await machine.run(program, args);
  if (code === 0) return stdout;
  throw new TrialFailed(`${program} failed: ${stderr.trim() || stdout.trim() || `exit status ${code}`}`);
}

async function orMissing<T>(program: Program, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new TrialFailed(`${program} is not on the PATH`);
  }
}

async function follow(program: Program, args: readonly string[], line: (text: string) => void) {
  const child = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  let stopped = false;
  const stop = () => {
    stopped = true;
    // It may have had the signal too, and be gone.
    try {
      child.kill("SIGTERM");
    } catch { /* gone */ }
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  try {
    const [{ code }] = await Promise.all([child.status, lines(child.stdout, line), lines(child.stderr, line)]);
    return stopped ? "stopped" : code;
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, stop);
  }
}

async function lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>, line: (text: string) => void): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const whole = (rest + text).split("\n");
    rest = whole.pop() ?? "";
    whole.forEach(line);
  }
  if (rest !== "") line(rest);
}
