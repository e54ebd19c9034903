/**
 * Runs a task: exits with 0, 1 (failure) or 2 (wrong usage), and shows no stack trace for an error that the user can fix.
 *
 * @module
 */

import { UserError } from "../src/errors.ts";

/** Thrown for wrong usage. Its message says what is wrong with which argument. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs a task, and exits with the status that it returns. */
export async function run(usage: string, task: (args: string[]) => Promise<number>): Promise<never> {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    console.log(usage);
    Deno.exit(0);
  }
  try {
    Deno.exit(await task(Deno.args));
  } catch (error) {
    if (isWrongUsage(error)) {
      console.error(`${error.message}\n\n${usage}`);
      Deno.exit(2);
    }
    if (!isUserError(error)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}

function isWrongUsage(error: unknown): error is Error {
  return error instanceof UsageError || hasCode(error) && error.code.startsWith("ERR_PARSE_ARGS_");
}

/** Returns whether a user can fix an error. Includes errors of the file system, which have a code or are Deno's own. */
function isUserError(error: unknown): error is Error {
  return error instanceof UserError || hasCode(error) || DENO_ERRORS.some((kind) => error instanceof kind);
}

const DENO_ERRORS = [
  Deno.errors.NotFound,
  Deno.errors.PermissionDenied,
  Deno.errors.NotCapable,
  Deno.errors.IsADirectory,
];

function hasCode(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
