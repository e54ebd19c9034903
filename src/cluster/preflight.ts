/**
 * The cluster that was named on purpose: kubectl's current one may be another.
 *
 * @module
 */

import { type Kubectl, KubectlFailed } from "./kubectl.ts";

/** Checks that the cluster answers and has the namespace. @throws {KubectlFailed} if it does not */
export async function preflight(kubectl: Kubectl, context: string, namespace: string): Promise<void> {
  const contexts = (await kubectl.run(["config", "get-contexts", "--output=name"])).split("\n").filter(Boolean);
  if (!contexts.includes(context)) {
    const known = contexts.length === 0 ? "the kubeconfig has none" : `expected one of: ${contexts.join(", ")}`;
    throw new KubectlFailed(`no context ${context}; ${known}`);
  }
  try {
    await kubectl.run([`--context=${context}`, "get", "namespace", namespace, "--output=name"]);
  } catch (error) {
    if (!(error instanceof KubectlFailed)) throw error;
    if (/NotFound/.test(error.message)) {
      throw new KubectlFailed(`no namespace ${namespace} in ${context}: is it deployed there, and under this name?`);
    }
    // Who may not see the namespace may see what is in it.
    if (!/forbidden/i.test(error.message)) throw new KubectlFailed(`${context}: ${error.message}`);
  }
}
