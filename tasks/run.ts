/**
 * What every task does: end with 0, 1 (what was asked for failed) or 2 (asked wrongly), and show no stack trace for a fault of
 * its user's.
 *
 * @module
 */

/** Wrong usage; its message says what was wrong with which argument. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs a task to its end. `task` gives the exit status. */
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
    if (!isUsersFault(error)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}

function isWrongUsage(error: unknown): error is Error {
  return error instanceof UsageError || hasCode(error) && error.code.startsWith("ERR_PARSE_ARGS_");
}

/** A fault of the configuration, a file in the way, or what the file system refuses (its errors carry a code). */
function isUsersFault(error: unknown): error is Error {
  return hasCode(error) || error instanceof Error && USERS_FAULTS.has(error.name);
}

const USERS_FAULTS = new Set([
  "AwsFailed",
  "KubectlFailed",
  "PackFaults",
  "ForeignFiles",
  "LeftOverHcl",
  "TrialFailed",
  "NotFound",
  "PermissionDenied",
  "NotCapable",
  "RestoreFailed",
  "IsADirectory",
  "ValueRefused",
]);

function hasCode(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
