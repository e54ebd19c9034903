/**
 * Runs a task as a separate process, as its user does.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { TempDir } from "../../support/temp_dir.ts";

/** The result of a task. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The arguments of deno in a task's command in deno.json. */
const { tasks } = JSON.parse(await Deno.readTextFile("deno.json")) as { tasks: Record<string, { command: string }> };

/** The environment and permissions for a task, from deno.json. */
export function taskArguments(name: string, args: readonly string[]): string[] {
  const [deno, ...command] = tasks[name]?.command.split(" ") ?? [];
  assert.equal(deno, "deno");
  const script = command.pop() ?? "";
  return [...command, fileURLToPath(new URL(`../../../${script}`, import.meta.url)), ...args];
}

/** The environment that `deno task` sets for a task. A task does not inherit the tests' environment. */
export function taskEnvironment(dir: TempDir): Record<string, string> {
  return { INIT_CWD: dir.path, NO_COLOR: "1" };
}

/**
 * Returns the command of a task with its permissions from deno.json, in the test's folder.
 *
 * @param environment variables on top of the test's own
 */
export function taskCommand(
  name: string,
  dir: TempDir,
  args: readonly string[],
  environment: Record<string, string> = {},
  stdin: "null" | "piped" = "null",
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: taskArguments(name, args),
    cwd: dir.path,
    env: { ...taskEnvironment(dir), ...environment },
    stdin,
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs a task to its end. `input` is its standard input; for the other parameters see {@linkcode taskCommand}. */
export async function runTask(
  name: string,
  dir: TempDir,
  args: readonly string[],
  environment: Record<string, string> = {},
  input?: string,
): Promise<Outcome> {
  const child = taskCommand(name, dir, args, environment, input === undefined ? "null" : "piped").spawn();
  if (input !== undefined) await new Blob([input]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const outcome = { code, stdout: text(stdout), stderr: text(stderr) };
  assert.doesNotMatch(outcome.stdout + outcome.stderr, /^ {4}at /m, "a stack trace");
  return outcome;
}
