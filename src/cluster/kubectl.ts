/**
 * kubectl for one context, with the user's own configuration. It is an interface, so that tests can replace it.
 *
 * @module
 */

import { runProgram } from "./program.ts";
import { failure, KubectlFailed, orMissing } from "./failure.ts";
import { type Forward, openForward } from "./forward.ts";

export { KubectlFailed };

/** What the checks need of kubectl. */
export interface Kubectl {
  /** Runs kubectl and returns what it printed. `timeout` is in milliseconds. @throws {KubectlFailed} if it fails */
  run(
    args: readonly string[],
    options?: { readonly input?: string | undefined; readonly timeout?: number },
  ): Promise<string>;
  /** Opens a port of a pod. @throws {KubectlFailed} */
  forward(namespace: string, pod: string, port: number): Promise<Forward>;
}

/** Milliseconds after which a command fails. The slowest one, two unanswered connections, takes far less. */
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
