/**
 * Handles Ctrl-C and SIGTERM.
 *
 * @module
 */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Calls `handler` on Ctrl-C and SIGTERM instead of the default action, until the result is disposed of. */
export function onStop(handler: () => void): Disposable {
  for (const signal of SIGNALS) Deno.addSignalListener(signal, handler);
  return {
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) Deno.removeSignalListener(signal, handler);
    },
  };
}
