/**
 * The one reading of a live cluster: its Deployments, pods, claims and their events at one moment.
 *
 * Neither Secrets nor ConfigMaps are read, and what a pod's environment has written out is dropped, so that no value of a secret
 * reaches a message.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IReplicaSet } from "kubernetes-models/apps/v1/ReplicaSet";
import type { IEvent } from "kubernetes-models/v1/Event";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { Kubectl } from "./kubectl.ts";

/** Objects that `kubectl get` gave, by kind. */
export interface Snapshot {
  readonly deployments: readonly IDeployment[];
  readonly replicaSets: readonly IReplicaSet[];
  readonly pods: readonly IPod[];
  readonly claims: readonly IPersistentVolumeClaim[];
  readonly events: readonly IEvent[];
}

type Listed = IDeployment | IReplicaSet | IPod | IPersistentVolumeClaim | IEvent;

/** Asks the cluster about some namespaces. @throws {KubectlFailed} if it does not answer, or refuses one of the kinds */
export async function takeSnapshot(kubectl: Kubectl, namespaces: readonly string[]): Promise<Snapshot> {
  const kinds = "deployments,replicasets,pods,persistentvolumeclaims,events";
  return snapshotOf(await list(kubectl, kinds, namespaces));
}

/** Reads the lists that `kubectl get --output=json` printed. */
export function readSnapshot(lists: readonly string[]): Snapshot {
  return snapshotOf(lists.flatMap((text) => readItems<Listed>(text)));
}

/** Sorts objects by kind. */
export function snapshotOf(items: readonly Listed[]): Snapshot {
  return {
    deployments: items.filter((item): item is IDeployment => item.kind === "Deployment"),
    replicaSets: items.filter((item): item is IReplicaSet => item.kind === "ReplicaSet"),
    pods: items.filter((item): item is IPod => item.kind === "Pod"),
    claims: items.filter((item): item is IPersistentVolumeClaim => item.kind === "PersistentVolumeClaim"),
    events: items.filter((item): item is IEvent => item.kind === "Event"),
  };
}

/** Lists objects of some kinds. @throws {KubectlFailed} */
export async function list<T extends Listed>(
  kubectl: Kubectl,
  kinds: string,
  namespaces: readonly string[],
  selector?: Readonly<Record<string, string>>,
): Promise<T[]> {
  const labels = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`).join();
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

/** Drops the values of an environment that a pod's template has written out. */
function withoutValues(key: string, value: unknown): unknown {
  if (key !== "env" || !Array.isArray(value)) return value;
  return value.map(({ value: _value, ...variable }: { readonly value?: unknown }) => variable);
}

/** An object that events can be about. */
interface Named {
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** Events about one object, oldest first. With a container, those about it alone. */
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

/** How often something happened: Kubernetes counts an event instead of writing it again. */
export function timesOf(events: readonly IEvent[], matches: (event: IEvent) => boolean | undefined): number {
  return Math.max(0, ...events.filter(matches).map(({ count }) => count ?? 1));
}
