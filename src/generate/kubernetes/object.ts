/**
 * Kubernetes objects as files: one object per file, named after its kind and name.
 *
 * @module
 */

import type { OutputFile } from "../../output/file.ts";
import { yamlText } from "../../output/text.ts";
import type { Comment } from "../../output/yaml.ts";
import { selectorLabels, type WorkloadRow } from "../../model/workloads.ts";

/** The fields that every object has. */
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

/** The labels of every object of the pack. */
export const COMMON_LABELS = {
  "app.kubernetes.io/part-of": "openclaw",
  "app.kubernetes.io/managed-by": "openclaw-pack",
};

/** Returns a file name such as `deployment-openclaw.yaml`. */
function objectFileName({ kind, metadata }: KubernetesObject): string {
  return `${kind.toLowerCase()}-${metadata?.name}.yaml`;
}

/** Returns the file of an object. */
export function objectFile(object: KubernetesObject, comments: readonly Comment[] = []): OutputFile {
  return { path: objectFileName(object), text: yamlText(object, comments) };
}

/** Returns the metadata of an object in a namespace. */
export function metadata(name: string, namespace: string): Metadata {
  return { name, namespace, labels: { ...COMMON_LABELS } };
}

/** Returns the metadata of an object that belongs to one workload. */
export function workloadMetadata(workload: WorkloadRow, name: string = workload.name): Metadata {
  return { name, namespace: workload.namespace, labels: { ...selectorLabels(workload), ...COMMON_LABELS } };
}

/** Returns the metadata of a cluster-scoped object. */
export function clusterMetadata(name: string): Metadata {
  return { name, labels: { ...COMMON_LABELS } };
}
