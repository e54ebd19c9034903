/**
 * Replaces the NetworkPolicies of one model in a cluster with those of another.
 *
 * @module
 */

import { networkPolicyFiles } from "../../../src/generate/kubernetes/network_policies.ts";
import { type Model, namespacesOf } from "../../../src/model/model.ts";
import { completeWorkloads } from "../../../src/model/workloads.ts";
import { objectsOf } from "../../unit/generate/kubernetes/validate.ts";
import type { Json } from "../support.ts";
import type { Cluster } from "./cluster.ts";
import { applyObjects } from "./kubectl.ts";

/** Returns the policies of all namespaces of a model, for its flows, which a test may have changed. */
export function policiesOf(given: Model): Json[] {
  const model = { ...given, workloads: completeWorkloads(given.workloads, given.secrets, given.flows) };
  return namespacesOf(model).flatMap((namespace) => networkPolicyFiles(model, namespace)).flatMap(({ text }) =>
    objectsOf(text)
  );
}

/** Returns a function that replaces the current policies with those of a model. Equal policies are not applied again. */
export function switching(cluster: Cluster, from: Model): (to: Model) => Promise<void> {
  let now = policiesOf(from).map((policy) => JSON.stringify(policy));
  return async (to) => {
    const next = policiesOf(to);
    const others = next.filter((policy) => !now.includes(JSON.stringify(policy)));
    if (others.length > 0) await applyObjects(cluster, others);
    now = next.map((policy) => JSON.stringify(policy));
  };
}
