/**
 * What a task creates in a cluster is deleted when the task ends, and also on Ctrl-C and SIGTERM.
 *
 * @module
 */

import { onStop } from "../src/cluster/signals.ts";

/** Exit status after Ctrl-C, as shells have it: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

/** Runs some work with a stack for its clean-up. On Ctrl-C or SIGTERM cleans up and exits with 130. */
export async function withCleanup<T>(work: (cleanup: AsyncDisposableStack) => Promise<T>): Promise<T> {
  const cleanup = new AsyncDisposableStack();
  const cleanUp = () => cleanup.disposeAsync().catch((error) => console.error(leftBehind(error)));
  let interrupted: Promise<never> | undefined;
  using _stop = onStop(() => interrupted ??= cleanUp().then(() => Deno.exit(INTERRUPTED)));
  try {
    return await work(cleanup);
  } finally {
    // The work may fail because its pods are being deleted; that is not how the task ends.
    await interrupted;
    await cleanUp();
  }
}

/** Returns what could not be deleted; if several things could not, each on its line. */
function leftBehind(error: unknown): string {
  if (error instanceof SuppressedError) return `${leftBehind(error.suppressed)}\n${leftBehind(error.error)}`;
  return error instanceof Error ? error.message : String(error);
}
