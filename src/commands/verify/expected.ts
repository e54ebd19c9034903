/**
 * What should be in the cluster: the objects of the generated files, as an overlay leaves them. Nothing is written down twice:
 * what a trial leaves out is read from its own patches.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { parse } from "yaml";
import { baseFiles } from "../../generate/kubernetes/base.ts";
import type { KubernetesObject } from "../../generate/kubernetes/object.ts";
import type { Model } from "../../model/model.ts";
import { selectorLabels, type WorkloadRow } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { kindFiles } from "../../generate/overlays/kind.ts";
import { kindEsoFiles } from "../../generate/overlays/kind_eso.ts";
import { prodFiles } from "../../generate/overlays/prod.ts";
import { trialFiles } from "../../generate/overlays/trial.ts";

/** The overlays that can be in a cluster. */
export const OVERLAYS = ["prod", "kind", "kind-eso"] as const;
/** One of them. */
export type Overlay = (typeof OVERLAYS)[number];

/** A container of a pod template. */
export type Container = NonNullable<NonNullable<IDeployment["spec"]>["template"]["spec"]>["containers"][number];

/** The objects of one overlay. */
export interface Expected {
  readonly overlay: Overlay;
  readonly objects: readonly KubernetesObject[];
}

/** The objects that `kubectl apply -k` of an overlay brings, as far as the checks look at them. */
export function expectedObjects(model: Model, overlay: Overlay): Expected {
  const files = {
    prod: () => prodFiles(model),
    kind: () => [...trialFiles(model), ...kindFiles(model)],
    "kind-eso": () => [...trialFiles(model), ...kindEsoFiles(model)],
  }[overlay]();
  const layers = files.filter(isObject);
  const patches = layers.filter(({ path }) => fileName(path).startsWith("patch-")).map(read);
  // Argo CD's Application stands beside its overlay, not in it.
  const added = layers.filter(({ path }) => !/^(patch-|application\.yaml)/.test(fileName(path)));
  const base = baseFiles(model).filter(isObject);
  const objects = [...base, ...added].map(read);
  return { overlay, objects: objects.flatMap((object) => patched(object, patches)) };
}

/** The Deployments among them. */
export function deployments({ objects }: Expected): IDeployment[] {
  return objects.filter((object): object is KubernetesObject & IDeployment => object.kind === "Deployment");
}

/** The claims among them. */
export function claims({ objects }: Expected): IPersistentVolumeClaim[] {
  return objects.filter((object): object is KubernetesObject & IPersistentVolumeClaim =>
    object.kind === "PersistentVolumeClaim"
  );
}

/** Whether the overlay has an object. */
export function has({ objects }: Expected, kind: string, name: string): boolean {
  return objects.some((object) => object.kind === kind && object.metadata?.name === name);
}

/** Whether the overlay has what runs a workload: by its labels, since a CronJob goes by another name. */
export function runs({ objects }: Expected, workload: WorkloadRow): boolean {
  const labels = Object.entries(selectorLabels(workload));
  return objects.some(({ kind, metadata }) =>
    kind === workload.kind && labels.every(([label, value]) => metadata?.labels?.[label] === value)
  );
}

/** The containers of a Deployment that run once or all the time, in the order of their start. */
export function containersOf({ spec }: IDeployment): Container[] {
  return [...spec?.template.spec?.initContainers ?? [], ...spec?.template.spec?.containers ?? []];
}

/** Those that stay: a native sidecar is an init container that is always restarted. */
export function runningContainersOf({ spec }: IDeployment): Container[] {
  const sidecars = spec?.template.spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  return [...sidecars, ...spec?.template.spec?.containers ?? []];
}

const fileName = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const read = ({ text }: OutputFile) => parse(text) as KubernetesObject;

function isObject({ path }: OutputFile): boolean {
  return path.endsWith(".yaml") && !path.includes("/config/") && fileName(path) !== "kustomization.yaml";
}

/** An object without what the patches delete of it; none when a patch deletes it. */
function patched(object: KubernetesObject, patches: readonly KubernetesObject[]): KubernetesObject[] {
  const own = patches.filter(({ kind, metadata }) =>
    kind === object.kind && metadata?.name === object.metadata?.name &&
    metadata?.namespace === object.metadata?.namespace
  );
  if (own.some(isDeletion)) return [];
  return [own.reduce((result, patch) => without(result, patch) as KubernetesObject, object)];
}

/** Takes away what a strategic merge patch marks with `$patch: delete`; list entries go by their names. */
function without(value: unknown, patch: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(patch)) {
    const entries = patch as { name?: string }[];
    const gone = entries.filter(isDeletion).map(({ name }) => name);
    return (value as { name?: string }[])
      .filter(({ name }) => !gone.includes(name))
      .map((entry) => without(entry, entries.find(({ name }) => name === entry.name)));
  }
  if (!isMapping(value) || !isMapping(patch)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, without(inner, patch[key])]));
}

function isDeletion(patch: object): boolean {
  return "$patch" in patch && patch.$patch === "delete";
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
