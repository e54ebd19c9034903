/**
 * A fake machine. It records the commands that it runs, answers from a table, and has a clock that only sleeping advances.
 *
 * @module
 */

import type { Machine, Program } from "../../../../src/cluster/machine.ts";
import { type Outcome, ProgramFailed } from "../../../../src/cluster/program.ts";

/** An answer: standard output, an outcome, or `missing` if the program does not exist. */
export type Answer = string | Partial<Outcome> | "missing";

/** The fake machine, with its recorded calls. */
export interface RecordedMachine extends Machine {
  readonly calls: string[];
}

/** Returns a fake machine. `answer` receives the entire command line. */
export function recordedMachine(
  answer: (call: string, calls: readonly string[]) => Answer,
  files: readonly string[] = [],
): RecordedMachine {
  const calls: string[] = [];
  let now = 0;
  const outcome = (program: Program, args: readonly string[]): Outcome => {
    const call = [program, ...args].join(" ");
    calls.push(call);
    const given = answer(call, calls);
    if (given === "missing") throw new ProgramFailed(`${program} is not on the PATH`);
    return { code: 0, stdout: "", stderr: "", ...(typeof given === "string" ? { stdout: given } : given) };
  };
  return {
    calls,
    run: (program, args) => Promise.resolve().then(() => outcome(program, args)),
    follow: (program, args, line) =>
      Promise.resolve().then(() => {
        const { code, stdout, stderr } = outcome(program, args);
        for (const text of `${stdout}${stderr}`.split("\n").filter(Boolean)) line(text);
        return code;
      }),
    exists: (path) => Promise.resolve(files.includes(path)),
    sleep: (seconds) => {
      now += seconds;
      return Promise.resolve();
    },
    seconds: () => now,
  };
}
