/**
 * kubectl, as its user has it set up, for one context. Behind an interface, so that tests can stand in for it.
 *
 * @module
 */

import { runProgram } from "./program.ts";
import { failure, KubectlFailed, orMissing } from "./failure.ts";
import { type Forward, openForward } from "./forward.ts";

export { KubectlFailed };

/** What the checks need of kubectl. */
export interface Kubectl {
  /** Runs it and gives what it printed. `timeout` is in milliseconds. @throws {KubectlFailed} */
  run(
    args: readonly string[],
    options?: { readonly input?: string | undefined; readonly timeout?: number },
  ): Promise<string>;
  /** Opens a port of a pod. @throws {KubectlFailed} */
  forward(namespace: string, pod: string, port: number): Promise<Forward>;
}

/** Milliseconds that a command gets: far more than the slowest of them takes, two dials that nobody answers. */
const TIMEOUT = 30_000;

/** kubectl from the PATH. Without a context only commands that need no cluster make sense. */
export function kubectl(context?: string): Kubectl {
  const flags = context === undefined ? [] : [`--context=${context}`];
  return {
    run: async (args, { input, timeout = TIMEOUT } = {}) => {
      const signal = AbortSignal.timeout(timeout);
      const { code, stdout, stderr } = await orMissing(() => runProgram("kubectl", [...flags, ...args], input, signal));
      if (code === 0) return stdout;
      throw failure(signal, timeout, stderr);
    },
    forward: (namespace, pod, port) => openForward(flags, namespace, pod, port),
  };
}
