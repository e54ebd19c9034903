/**
 * The signs of production. A trial creates and deletes a namespace with everything in it, so it must not touch a cluster where that
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
  /** What it is, for a message. */
  readonly what: string;
  /** Whether the cluster has it, or why that is unknown. */
  readonly found: boolean | { readonly unknown: string };
}

/** Looks for every sign of production in some namespaces. Any one of them is enough. */
export async function signsOfProduction(kubectl: Kubectl, namespaces: readonly string[]): Promise<Sign[]> {
  const named = "--output=name";
  const questions: [what: string, args: readonly string[], isSign?: (answer: string) => boolean][] = [
    ...["validatingadmissionpolicies", "validatingadmissionpolicybindings"].map((kind): [string, string[]] => [
      `the data guard, ${kind} ${DATA_GUARD}`,
      [kind, DATA_GUARD, named],
    ]),
    [
      `Argo CD's Application ${APPLICATION}`,
      ["applications.argoproj.io", "-A", `--field-selector=metadata.name=${APPLICATION}`, named],
    ],
    ...namespaces.flatMap((namespace): [string, string[], ((answer: string) => boolean)?][] => [
      // Hand-written manifests may have nothing else; a trial has no tunnel.
      [`a tunnel, Deployment ${TUNNEL} in namespace ${namespace}`, [
        "deployment",
        TUNNEL,
        `--namespace=${namespace}`,
        named,
      ]],
      [
        `namespace ${namespace}, which Argo CD must not prune`,
        ["namespace", namespace, "--output=jsonpath={.metadata.annotations.argocd\\.argoproj\\.io/sync-options}"],
        (answer) => answer.includes("Prune=false"),
      ],
    ]),
  ];
  return await Promise.all(questions.map(async ([what, args, isSign = (answer) => answer.trim() !== ""]) => {
    const { code, stdout, stderr } = await kubectl.attempt([
      "--request-timeout=10s",
      "get",
      ...args,
      "--ignore-not-found",
    ]);
    if (code === 0) return { what, found: isSign(stdout) };
    // A cluster without Argo CD, or an older one, does not know the kind.
    if (/doesn't have a resource type|could not find the requested resource/.test(stderr)) {
      return { what, found: false };
    }
    return { what, found: { unknown: reasonOf(stderr) } };
  }));
}
