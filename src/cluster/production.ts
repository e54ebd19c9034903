/**
 * Detects production. A trial creates and deletes a namespace with everything in it, so it must not touch a cluster where that
 * namespace is in use.
 *
 * @module
 */

import { APPLICATION, DATA_GUARD } from "../tables/names.ts";
import type { WorkloadName } from "../tables/workloads.ts";
import { reasonOf } from "./failure.ts";
import type { Kubectl } from "./kubectl.ts";

const TUNNEL: WorkloadName = "cloudflared";

/** Something that only production has. */
export interface Sign {
  /** Its description, for a message. */
  readonly what: string;
  /** Whether the cluster has it, or why that is unknown. */
  readonly found: boolean | { readonly unknown: string };
}

/** Looks for every sign of production in some namespaces. One sign is enough. */
export async function signsOfProduction(kubectl: Kubectl, namespaces: readonly string[]): Promise<Sign[]> {
  const nameOnly = "--output=name";
  const queries: [what: string, args: readonly string[], isSign?: (stdout: string) => boolean][] = [
    ...["validatingadmissionpolicies", "validatingadmissionpolicybindings"].map((kind): [string, string[]] => [
      `the data guard, ${kind} ${DATA_GUARD}`,
      [kind, DATA_GUARD, nameOnly],
    ]),
    [
      `Argo CD's Application ${APPLICATION}`,
      ["applications.argoproj.io", "-A", `--field-selector=metadata.name=${APPLICATION}`, nameOnly],
    ],
    ...namespaces.flatMap((namespace): [string, string[], ((stdout: string) => boolean)?][] => [
      // The previous manifests may have no other sign. A trial has no tunnel.
      [`a tunnel, Deployment ${TUNNEL} in namespace ${namespace}`, [
        "deployment",
        TUNNEL,
        `--namespace=${namespace}`,
        nameOnly,
      ]],
      [
        `namespace ${namespace}, which Argo CD must not prune`,
        ["namespace", namespace, "--output=jsonpath={.metadata.annotations.argocd\\.argoproj\\.io/sync-options}"],
        (stdout) => stdout.includes("Prune=false"),
      ],
    ]),
  ];
  return await Promise.all(queries.map(async ([what, args, isSign = (stdout) => stdout.trim() !== ""]) => {
    const { code, stdout, stderr } = await kubectl.attempt([
      "--request-timeout=10s",
      "get",
      ...args,
      "--ignore-not-found",
    ]);
    if (code === 0) return { what, found: isSign(stdout) };
    // A cluster without Argo CD, or an older cluster, does not have the kind.
    if (/doesn't have a resource type|could not find the requested resource/.test(stderr)) {
      return { what, found: false };
    }
    return { what, found: { unknown: reasonOf(stderr) } };
  }));
}
