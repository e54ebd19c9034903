/**
 * What the pods of generated objects read of Secrets.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Json } from "../../../support/support.ts";

/** The containers of a workload, init steps among them. */
export function containersOf({ spec }: Json): Json[] {
  const pod = spec?.jobTemplate?.spec.template.spec ?? spec?.template?.spec ?? {};
  return [...pod.initContainers ?? [], ...pod.containers ?? []];
}

/** Every Secret that a workload or a container names anywhere, with its keys in order. */
export function secretUses(workload: Json): Record<string, string[]> {
  const keys: Record<string, Set<string>> = {};
  const walk = (value: Json): void => {
    if (typeof value !== "object" || value === null) return;
    if (value.secretKeyRef) (keys[value.secretKeyRef.name] ??= new Set()).add(value.secretKeyRef.key);
    if (value.secretName) { for (const { key } of value.items) (keys[value.secretName] ??= new Set()).add(key); }
    assert.equal(value.secretRef, undefined, "envFrom would bring keys that no row names");
    Object.values(value).forEach(walk);
  };
  walk(workload.spec ?? workload);
  return Object.fromEntries(Object.entries(keys).map(([name, set]) => [name, [...set].toSorted()]));
}
