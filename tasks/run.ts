/**
 * What every task does: end with 0, 1 (what was asked for failed) or 2 (asked wrongly), and show no stack trace for an error
 * that the user can repair.
 *
 * @module
 */

import { UserError } from "../src/errors.ts";

/** Wrong usage; its message says what was wrong with which argument. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs a task, which returns the exit status, and exits. */
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

/** What the file system refuses counts too: those errors carry a code or are Deno's own. */
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
