/**
 * Kubernetes objects as files: one object a file, named for its kind and name.
 *
 * @module
 */

import type { OutputFile } from "../../output/file.ts";
import { type Comment, yamlText } from "../../output/text.ts";
import { selectorLabels, type WorkloadRow } from "../../model/workloads.ts";

/** What every object has. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Metadata that the generators write. */
export interface Metadata {
  name: string;
  namespace?: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
}

/** What every object of the pack carries. */
export const COMMON_LABELS = {
  "app.kubernetes.io/part-of": "openclaw",
  "app.kubernetes.io/managed-by": "openclaw-pack",
};

/** `deployment-openclaw.yaml`. */
function objectFileName({ kind, metadata }: KubernetesObject): string {
  return `${kind.toLowerCase()}-${metadata?.name}.yaml`;
}

/** An object as its file. */
export function objectFile(object: KubernetesObject, comments: readonly Comment[] = []): OutputFile {
  return { path: objectFileName(object), text: yamlText(object, comments) };
}

/** Metadata of an object in a namespace. */
export function metadata(name: string, namespace: string): Metadata {
  return { name, namespace, labels: { ...COMMON_LABELS } };
}

/** Metadata of an object that belongs to one workload. */
export function workloadMetadata(workload: WorkloadRow, name: string = workload.name): Metadata {
  return { name, namespace: workload.namespace, labels: { ...selectorLabels(workload), ...COMMON_LABELS } };
}

/** Metadata of an object outside namespaces. */
export function clusterMetadata(name: string): Metadata {
  return { name, labels: { ...COMMON_LABELS } };
}
