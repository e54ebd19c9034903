/**
 * kubectl on one cluster: the tests' own, or the one of a kubeconfig.
 *
 * @module
 */

import { connect, type Kubectl as PackKubectl } from "../../../src/cluster/kubectl.ts";
import { thisMachine } from "../../../src/cluster/machine.ts";
import type { Outcome } from "../tools.ts";
import { type ExecOptions, execPiped } from "../runtime/container.ts";
import type { Json } from "../support.ts";

/** Options of a kubectl command. */
export type KubectlOptions = Pick<ExecOptions, "stdin" | "timeoutMs">;

/** A cluster, as a kubectl client. */
export interface Kubectl {
  /** Path of the kubeconfig, for any other client. */
  readonly kubeconfig: string;
  /** Runs kubectl. Does not throw if it fails. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<Outcome>;
  /** Runs kubectl, and throws if it fails. Returns its standard output. */
  run(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** Runs `kubectl apply` on the folder of a kustomization or on a file of objects. */
  apply(path: string): Promise<string>;
  /** Runs `kubectl get -o json`. Returns one object, or a List with `items`. */
  get(...args: string[]): Promise<Json>;
  /** Runs `kubectl exec` in a container. `target` is, for example, `["-n", "openclaw", "deploy/openclaw", "-c", "docker"]`. */
  exec(target: readonly string[], argv: readonly string[], options?: KubectlOptions): Promise<Outcome>;
}

/** Returns a kubectl that uses a kubeconfig. */
export function kubectlWith(kubeconfig: string): Kubectl {
  const kubectl = (args: readonly string[], options: KubectlOptions = {}) =>
    execPiped("kubectl", ["--kubeconfig", kubeconfig, ...args], options);
  const run = async (args: readonly string[], options: KubectlOptions = {}) => {
    const { code, stdout, stderr } = await kubectl(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit status ${code}\n${stderr}${stdout}`);
    return stdout;
  };
  return {
    kubeconfig,
    kubectl,
    run,
    apply: async (path) => await run(["apply", (await Deno.stat(path)).isDirectory ? "-k" : "-f", path]),
    get: async (...args) => JSON.parse(await run(["get", ...args, "-o", "json"])),
    exec: (target, argv, options = {}) => {
      const stdin = options.stdin === undefined ? [] : ["--stdin"];
      return kubectl(["exec", ...stdin, ...target, "--", ...argv], options);
    },
  };
}

/** Returns a kubectl as the pack's own commands use it. */
export async function packKubectl({ kubeconfig, run }: Kubectl): Promise<PackKubectl> {
  const context = (await run(["config", "current-context"])).trim();
  return await connect(context, undefined, {
    ...thisMachine,
    run: (program, args, options) => thisMachine.run(program, [`--kubeconfig=${kubeconfig}`, ...args], options),
  });
}

/** Returns objects as a List, for kubectl's standard input. */
export function listOf(items: readonly Json[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** Runs `kubectl apply` on objects. */
export async function applyObjects(cluster: Kubectl, items: readonly Json[]): Promise<void> {
  await cluster.run(["apply", "-f", "-"], { stdin: listOf(items) });
}

/** Waits until a Deployment is available in its current generation. */
export async function rolledOut(cluster: Kubectl, namespace: string, name: string, seconds = 300): Promise<void> {
  const args = ["rollout", "status", `--namespace=${namespace}`, `deployment/${name}`, `--timeout=${seconds}s`];
  await cluster.run(args, { timeoutMs: (seconds + 10) * 1000 });
}

/** Repeats a check until it returns a result. After the timeout it throws with the check's last error. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  { timeoutMs = 60_000, everyMs = 200 } = {},
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last = "";
  while (Date.now() < end) {
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
      last = "";
    } catch (error) {
      last = `: ${(error as Error).message}`;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s${last}`);
}
