/**
 * The state of a live cluster at one moment: its Deployments, ReplicaSets, pods, claims and their events.
 *
 * It reads neither Secrets nor ConfigMaps, and drops the values in a pod's environment, so that no secret reaches a message.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IReplicaSet } from "kubernetes-models/apps/v1/ReplicaSet";
import type { IEvent } from "kubernetes-models/v1/Event";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { Kubectl } from "./kubectl.ts";
import { type Labels, labelSelector } from "./pods.ts";

/** Objects that `kubectl get` returned, by kind. */
export interface Snapshot {
  readonly deployments: readonly IDeployment[];
  readonly replicaSets: readonly IReplicaSet[];
  readonly pods: readonly IPod[];
  readonly claims: readonly IPersistentVolumeClaim[];
  readonly events: readonly IEvent[];
}

type Listed = IDeployment | IReplicaSet | IPod | IPersistentVolumeClaim | IEvent;

/** Reads some namespaces. @throws {KubectlFailed} if the cluster does not answer or refuses one of the kinds */
export async function takeSnapshot(kubectl: Kubectl, namespaces: readonly string[]): Promise<Snapshot> {
  const kinds = "deployments,replicasets,pods,persistentvolumeclaims,events";
  return snapshotOf(await list(kubectl, kinds, namespaces));
}

/** Parses lists that `kubectl get --output=json` printed. */
export function readSnapshot(lists: readonly string[]): Snapshot {
  return snapshotOf(lists.flatMap((text) => readItems<Listed>(text)));
}

/** Groups objects by kind. */
export function snapshotOf(items: readonly Listed[]): Snapshot {
  return {
    deployments: items.filter((item): item is IDeployment => item.kind === "Deployment"),
    replicaSets: items.filter((item): item is IReplicaSet => item.kind === "ReplicaSet"),
    pods: items.filter((item): item is IPod => item.kind === "Pod"),
    claims: items.filter((item): item is IPersistentVolumeClaim => item.kind === "PersistentVolumeClaim"),
    events: items.filter((item): item is IEvent => item.kind === "Event"),
  };
}

/** Lists objects of some kinds. @throws {KubectlFailed} if the cluster does not answer, or refuses one of the kinds */
export async function list<T extends Listed>(
  kubectl: Kubectl,
  kinds: string,
  namespaces: readonly string[],
  selector: Labels = {},
): Promise<T[]> {
  const labels = labelSelector(selector);
  const lists = await Promise.all(namespaces.map((namespace) =>
    kubectl.run([
      "--request-timeout=10s",
      "get",
      kinds,
      `--namespace=${namespace}`,
      ...(labels === "" ? [] : [`--selector=${labels}`]),
      "--output=json",
    ])
  ));
  return lists.flatMap((text) => readItems<T>(text));
}

function readItems<T>(list: string): T[] {
  return (JSON.parse(list, withoutValues) as { items: T[] }).items;
}

/** Drops the literal values of environment variables. */
function withoutValues(key: string, value: unknown): unknown {
  if (key !== "env" || !Array.isArray(value)) return value;
  return value.map(({ value: _value, ...variable }: { readonly value?: unknown }) => variable);
}

/** An object that events can refer to. */
interface Named {
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** Returns the events of one object, oldest first, or only those of one of its containers. */
export function eventsOf({ events }: Snapshot, { kind, metadata }: Named, container?: string): IEvent[] {
  return events
    .filter(({ involvedObject: about }) =>
      about.kind === kind && about.name === metadata?.name && about.namespace === metadata?.namespace &&
      (container === undefined || about.fieldPath?.endsWith(`{${container}}`))
    )
    .toSorted((a, b) => lastTime(a).localeCompare(lastTime(b)));
}

function lastTime({ lastTimestamp, eventTime, metadata }: IEvent): string {
  return lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
}

/** Returns how often something happened. Kubernetes increments the count of an event instead of creating another one. */
export function timesOf(events: readonly IEvent[], matches: (event: IEvent) => boolean | undefined): number {
  return Math.max(0, ...events.filter(matches).map(({ count }) => count ?? 1));
}
