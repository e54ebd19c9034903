/**
 * Objects that suites create on a given cluster. Finds them before the suites start, and deletes them after each suite.
 *
 * @module
 */

import type { Json } from "../support.ts";
import { type Kubectl, until } from "./kubectl.ts";
import { PROVISIONED } from "./storage.ts";

/** Kinds in deletion order; an unlisted kind comes last. The guard comes first, because it refuses other deletions. */
const ORDER = ["validatingadmissionpolicybinding", "validatingadmissionpolicy", "namespace", "storageclass"];

/** Returns which of some objects, in the form of suites.ts, exist. Each is a `kind/name`. */
export async function existing(cluster: Kubectl, creates: readonly string[]): Promise<string[]> {
  const groups = creates.flatMap((row) => /^crd\/\*(\..+)$/.exec(row)?.[1] ?? []);
  const names = [...new Set(creates.filter((row) => !row.startsWith("crd/*")))];
  const found = names.length === 0 ? "" : await cluster.run(["get", ...names, "--ignore-not-found", "--output=name"]);
  const definitions = groups.length === 0 ? "" : await cluster.run(["get", "crd", "--output=name"]);
  return [...lines(found), ...lines(definitions).filter((name) => groups.some((group) => name.endsWith(group)))];
}

/** Deletes those that exist, and the volumes of their namespaces' claims. Resolves when all are deleted. */
export async function removeCreated(cluster: Kubectl, creates: readonly string[]): Promise<void> {
  const found = (await existing(cluster, creates)).toSorted((a, b) => rank(a) - rank(b));
  for (const name of found.filter((name) => rank(name) < ORDER.indexOf("namespace"))) {
    await cluster.run(["patch", name, "--type=merge", '--patch={"metadata":{"finalizers":null}}']);
    await cluster.run(["delete", name, "--ignore-not-found"]);
  }
  const namespaces = found.filter((name) => name.startsWith("namespace/"));
  // The API server enforces a deleted guard for a moment longer.
  if (namespaces.length > 0) {
    const deletion = ["delete", ...namespaces, "--ignore-not-found", "--wait=false"];
    await until("the deletion of the namespaces", async () => await cluster.run(deletion) !== "", { everyMs: 1000 });
    const end = ["wait", "--for=delete", ...namespaces, `--timeout=${NAMESPACE_SECONDS}s`];
    await cluster.run(end, { timeoutMs: (NAMESPACE_SECONDS + 10) * 1000 });
  }
  await removeVolumes(cluster, namespaces.map((name) => name.replace("namespace/", "")));
  const others = found.filter((name) => rank(name) > ORDER.indexOf("namespace"));
  if (others.length > 0) await cluster.run(["delete", ...others, "--ignore-not-found"]);
}

/** Pods may end slowly. A pod on a node that does not exist is deleted by a controller after a minute. */
const NAMESPACE_SECONDS = 240;

/** Deletes the volumes of our provisioner, which may have ended. The cluster's own provisioner deletes its volumes itself. */
async function removeVolumes(cluster: Kubectl, namespaces: readonly string[]): Promise<void> {
  const left = async () => {
    const { items } = await cluster.get("persistentvolumes");
    return (items as Json[]).filter(({ spec }) => namespaces.includes(spec.claimRef?.namespace));
  };
  await until("the volumes to be deleted", async () => {
    const volumes = await left();
    const provisioned = volumes.filter(({ metadata }) => metadata.labels?.[PROVISIONED] !== undefined);
    const names = provisioned.map(({ metadata }) => `persistentvolume/${metadata.name}`);
    if (names.length > 0) await cluster.run(["delete", ...names, "--ignore-not-found", "--wait=false"]);
    return volumes.length === 0;
  }, { timeoutMs: 120_000, everyMs: 1000 });
}

/** Returns the position in {@linkcode ORDER} of a `kind.group/name` or `kind/name`, as kubectl prints it. */
function rank(name: string): number {
  const index = ORDER.indexOf(name.replace(/[./].*/, ""));
  return index === -1 ? ORDER.length : index;
}

function lines(text: string): string[] {
  return text.split("\n").filter(Boolean);
}
