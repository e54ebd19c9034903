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

/** How to look for a sign. */
interface Query {
  readonly what: string;
  /** Arguments of `kubectl get`. */
  readonly args: readonly string[];
  /** What the output must contain; anything by default. */
  readonly contains?: string;
}

/** Looks for every sign of production in some namespaces. One sign is enough. */
export async function signsOfProduction(kubectl: Kubectl, namespaces: readonly string[]): Promise<Sign[]> {
  return await Promise.all(queries(namespaces).map((query) => look(kubectl, query)));
}

function queries(namespaces: readonly string[]): Query[] {
  const nameOnly = "--output=name";
  return [
    ...["validatingadmissionpolicies", "validatingadmissionpolicybindings"].map((kind): Query => ({
      what: `the data guard, ${kind} ${DATA_GUARD}`,
      args: [kind, DATA_GUARD, nameOnly],
    })),
    {
      what: `Argo CD's Application ${APPLICATION}`,
      args: ["applications.argoproj.io", "-A", `--field-selector=metadata.name=${APPLICATION}`, nameOnly],
    },
    // The previous manifests may have no other sign. A trial has no tunnel.
    ...namespaces.map((namespace): Query => ({
      what: `a tunnel, Deployment ${TUNNEL} in namespace ${namespace}`,
      args: ["deployment", TUNNEL, `--namespace=${namespace}`, nameOnly],
    })),
    ...namespaces.map((namespace): Query => ({
      what: `namespace ${namespace}, which Argo CD must not prune`,
      args: ["namespace", namespace, "--output=jsonpath={.metadata.annotations.argocd\\.argoproj\\.io/sync-options}"],
      contains: "Prune=false",
    })),
  ];
}

async function look(kubectl: Kubectl, { what, args, contains }: Query): Promise<Sign> {
  const flags = ["--request-timeout=10s", "get", ...args, "--ignore-not-found"];
  const { code, stdout, stderr } = await kubectl.attempt(flags);
  if (code === 0) return { what, found: contains === undefined ? stdout.trim() !== "" : stdout.includes(contains) };
  // A cluster without Argo CD, or an older cluster, does not have the kind.
  const isUnknownKind = /doesn't have a resource type|could not find the requested resource/.test(stderr);
  return { what, found: isUnknownKind ? false : { unknown: reasonOf(stderr) } };
}
