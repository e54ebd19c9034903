import type { Kubectl } from "../../cluster/kubectl.ts";
import { signsOfProduction } from "../../cluster/production.ts";
import { TrialFailed } from "./failed.ts";

/**
 * Makes sure that a cluster holds no production before a trial changes anything there.
 *
 * @throws {TrialFailed} if it does, or if the cluster does not say
 */
export async function refuseProduction(kubectl: Kubectl, namespaces: readonly string[]): Promise<void> {
  const signs = await signsOfProduction(kubectl, namespaces);
  const sign = signs.find(({ found }) => found === true);
  if (sign !== undefined) {
    throw new TrialFailed(
      `${kubectl.context} holds production (${sign.what}): a trial never touches it, and nothing was done`,
    );
  }
  for (const { found } of signs) {
    if (typeof found !== "object") continue;
    throw new TrialFailed(
      `cannot tell whether ${kubectl.context} holds production, so nothing was done: ${found.unknown}`,
    );
  }
}
