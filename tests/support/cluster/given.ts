/**
 * The cluster that `deno task e2e --context` names, as the suites learn of it.
 *
 * @module
 */

/** The variable with the path of a kubeconfig, which has that cluster's context alone. Set by run_given.ts and by nothing else. */
export const GIVEN = "OPENCLAW_PACK_KUBECONFIG";

/** The path of the given cluster's kubeconfig. Undefined if the suites start clusters of their own. */
export function givenKubeconfig(): string | undefined {
  return Deno.env.get(GIVEN);
}
