/**
 * Returns what the pods of generated objects read from Secrets.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Json } from "../../../support/support.ts";

/** Returns the containers of a workload, including init containers. */
export function containersOf({ spec }: Json): Json[] {
  const pod = spec?.jobTemplate?.spec.template.spec ?? spec?.template?.spec ?? {};
  return [...pod.initContainers ?? [], ...pod.containers ?? []];
}

/** Returns every Secret that a workload or a container refers to, with its keys in order. */
export function secretUses(workload: Json): Record<string, string[]> {
  const keys: Record<string, Set<string>> = {};
  const walk = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    if (value.secretKeyRef) (keys[value.secretKeyRef.name] ??= new Set()).add(value.secretKeyRef.key);
    if (value.secretName) { for (const { key } of value.items) (keys[value.secretName] ??= new Set()).add(key); }
    assert.equal(value.secretRef, undefined, "envFrom would include keys without a row");
    Object.values(value).forEach(walk);
  };
  walk(workload.spec ?? workload);
  return Object.fromEntries(Object.entries(keys).map(([name, set]) => [name, [...set].toSorted()]));
}
