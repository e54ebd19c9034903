/**
 * kubectl for one cluster. Commands reach a live cluster only through it.
 *
 * @module
 */

import { KubectlFailed, reasonOf } from "./failure.ts";
import { type Forward, openForward, type Tunnel } from "./forward.ts";
import { type Machine, thisMachine } from "./machine.ts";
import type { Outcome } from "./program.ts";

export { KubectlFailed };

/** Options of a call. */
export interface CallOptions {
  /** Text for kubectl's standard input. */
  readonly input?: string;
  /** Milliseconds after which the call fails. Default: 30 s for {@linkcode Kubectl.run}, otherwise none. */
  readonly timeout?: number;
}

/** kubectl with the context that the user named. */
export interface Kubectl {
  /** Name of the context in the kubeconfig. */
  readonly context: string;
  /** Runs kubectl and returns its standard output. @throws {KubectlFailed} if it fails, with its error line */
  run(args: readonly string[], options?: CallOptions): Promise<string>;
  /** Runs kubectl and returns how it ended. @throws {ProgramFailed} if kubectl is not on the PATH */
  attempt(args: readonly string[], options?: CallOptions): Promise<Outcome>;
  /** Forwards a port of this machine to a pod or a Service. @throws {KubectlFailed} if it cannot */
  forward(tunnel: Tunnel): Promise<Forward>;
}

/** Milliseconds. The slowest call without its own timeout, two connection attempts without an answer, takes far less. */
const TIMEOUT = 30_000;

/**
 * Returns kubectl for a context of the user's kubeconfig. It never uses the current context, which may be another cluster.
 *
 * @param advice a line to add to the error if the kubeconfig has no such context
 * @throws {KubectlFailed} if the kubeconfig has no such context; the message lists its contexts
 */
export async function connect(context: string, advice?: string, machine: Machine = thisMachine): Promise<Kubectl> {
  const listed = await machine.run("kubectl", ["config", "get-contexts", "--output=name"]);
  if (listed.code !== 0) throw new KubectlFailed(reasonOf(listed.stderr));
  const contexts = listed.stdout.split("\n").filter(Boolean);
  if (!contexts.includes(context)) {
    const known = contexts.length === 0 ? "the kubeconfig has none" : `expected one of: ${contexts.join(", ")}`;
    throw new KubectlFailed([`no context ${context} in the kubeconfig; ${known}`, advice].filter(Boolean).join("\n"));
  }
  return kubectlOf(context, machine);
}

function kubectlOf(context: string, machine: Machine): Kubectl {
  const flag = `--context=${context}`;
  const attempt: Kubectl["attempt"] = (args, options = {}) => machine.run("kubectl", [flag, ...args], options);
  return {
    context,
    attempt,
    run: async (args, options = {}) => {
      const { code, stdout, stderr } = await attempt(args, { timeout: TIMEOUT, ...options });
      if (code !== 0) throw new KubectlFailed(reasonOf(stderr));
      return stdout;
    },
    forward: (tunnel) => openForward([flag], tunnel),
  };
}

/** Checks that the cluster is reachable and has the namespace. @throws {KubectlFailed} if it is not, or does not */
export async function requireNamespace(kubectl: Kubectl, namespace: string): Promise<void> {
  try {
    await kubectl.run(["get", "namespace", namespace, "--output=name"]);
  } catch (error) {
    if (!(error instanceof KubectlFailed)) throw error;
    if (/NotFound/.test(error.message)) {
      throw new KubectlFailed(
        `no namespace ${namespace} in ${kubectl.context}: is it deployed there, and under this name?`,
      );
    }
    // A user who may not read namespaces may still read the objects in one.
    if (!/forbidden/i.test(error.message)) throw new KubectlFailed(`${kubectl.context}: ${error.message}`);
  }
}
