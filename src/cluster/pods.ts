/**
 * Questions about pods, labels and conditions that every command asks.
 *
 * @module
 */

import type { IPodSpec } from "kubernetes-models/v1/PodSpec";

/** Labels of an object, or those that a selector requires. */
export type Labels = Readonly<Record<string, string>>;

/** Returns the containers of a pod, init containers first. */
export function containersIn(spec: IPodSpec | undefined): IPodSpec["containers"] {
  return [...spec?.initContainers ?? [], ...spec?.containers ?? []];
}

/** Returns whether an object has all of these labels. */
export function hasLabels(metadata: { readonly labels?: Labels } | undefined, labels: Labels): boolean {
  return Object.entries(labels).every(([label, value]) => metadata?.labels?.[label] === value);
}

/** Returns labels as the value of kubectl's `--selector`. */
export function labelSelector(labels: Labels): string {
  return Object.entries(labels).map(([label, value]) => `${label}=${value}`).join();
}

/** A status with conditions. */
interface Conditioned {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** Returns whether a condition, such as `Ready`, is true. */
export function isTrue(status: Conditioned | undefined, condition: string): boolean {
  return status?.conditions?.some(({ type, status }) => type === condition && status === "True") === true;
}
