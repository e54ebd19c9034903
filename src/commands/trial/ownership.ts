/**
 * What a trial created, and what it did not: namespaces and objects in them. A trial never takes over or deletes what it did not
 * create.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { TRIAL_LABEL } from "../../tables/names.ts";
import { TrialFailed } from "./failed.ts";

/** Checks that each namespace is free or was created by a trial. @throws {TrialFailed} if one is someone else's */
export async function refuseForeignNamespaces(kubectl: Kubectl, namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces) {
    const columns = `{.metadata.name} {.metadata.labels.${TRIAL_LABEL}}`;
    const answer = await kubectl.run([
      ...["get", "namespace", namespace, "--ignore-not-found", `--output=jsonpath=${columns}`],
    ]);
    const [name, label] = answer.trim().split(" ");
    if (!name || label === "true") continue;
    throw new TrialFailed(
      `namespace ${namespace} in ${kubectl.context} exists and no trial created it, so nothing was done; use another ` +
        "cluster, or another cluster.namespace in pack.yaml and deno task gen. If it is a trial of an earlier version:\n" +
        `  kubectl --context ${kubectl.context} label namespace ${namespace} ${TRIAL_LABEL}=true`,
    );
  }
}

/** Objects that every namespace has, or that a controller writes about others. */
const NOT_CREATED_BY_USERS =
  /^(event|endpoints|endpointslice|lease|podmetrics)(\.\S+)?\/|^serviceaccount\/default$|^configmap\/kube-root-ca\.crt$/i;

/**
 * Returns the objects of some namespaces that neither a trial nor a controller created, such as `persistentvolumeclaim/mine`. Reads
 * names, labels and owners only, so that no value of a Secret leaves kubectl.
 *
 * @throws {KubectlFailed} if an object cannot be listed
 */
export async function foreignObjects(kubectl: Kubectl, namespaces: readonly string[]): Promise<string[]> {
  const listed = await kubectl.run(["api-resources", "--namespaced", "--verbs=list,delete", "--output=name"]);
  const kinds = listed.split("\n").filter((kind) =>
    kind !== "" && !/^(events|endpoints|endpointslices|leases|pods\.metrics)/.test(kind)
  );
  const columns =
    `{range .items[*]}{.kind}/{.metadata.name} {.metadata.labels.${TRIAL_LABEL}} {.metadata.ownerReferences[*].name}{"\\n"}{end}`;
  const found = await Promise.all(
    namespaces.map((namespace) =>
      kubectl.run(["get", kinds.join(), `--namespace=${namespace}`, `--output=jsonpath=${columns}`], {
        timeout: 120_000,
      })
    ),
  );
  return found.flatMap(foreignIn).toSorted();
}

/** Returns the foreign objects among the lines of one namespace. An owner counts only if it is in the same namespace. */
function foreignIn(lines: string): string[] {
  const rows = lines.split("\n").filter((line) => line !== "").map((line) => {
    const [object = "", label, ...owners] = line.split(" ");
    return { object: object.replace(/^[^/]+/, (kind) => kind.toLowerCase()), label, owners };
  });
  const names = new Set(rows.map(({ object }) => object.slice(object.indexOf("/") + 1)));
  return rows
    .filter(({ object, label, owners }) =>
      label !== "true" && !owners.some((owner) => names.has(owner)) && !NOT_CREATED_BY_USERS.test(object)
    )
    .map(({ object }) => object);
}
