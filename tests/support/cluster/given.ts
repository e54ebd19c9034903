/**
 * How the suites find the cluster of `deno task e2e --context`.
 *
 * @module
 */

/** Variable with the path of a kubeconfig that has only that cluster's context. Only run_suites.ts sets it. */
export const GIVEN = "OPENCLAW_PACK_KUBECONFIG";

/** Returns the path of the given cluster's kubeconfig, or undefined if the suites start their own clusters. */
export function givenKubeconfig(): string | undefined {
  return Deno.env.get(GIVEN);
}
