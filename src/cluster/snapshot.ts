/**
 * What a cluster says about a trial's workloads at one moment.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IReplicaSet } from "kubernetes-models/apps/v1/ReplicaSet";
import type { IEvent } from "kubernetes-models/v1/Event";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IPod } from "kubernetes-models/v1/Pod";

/** Objects that `kubectl get` gave, by kind. */
export interface Snapshot {
  readonly deployments: readonly IDeployment[];
  readonly replicaSets: readonly IReplicaSet[];
  readonly pods: readonly IPod[];
  readonly claims: readonly IPersistentVolumeClaim[];
  readonly events: readonly IEvent[];
}

/** What to ask `kubectl get` for: no Secret and no ConfigMap, so that no value reaches this process. */
export const SNAPSHOT_KINDS = "deployments,replicasets,pods,persistentvolumeclaims,events";

type Listed = IDeployment | IReplicaSet | IPod | IPersistentVolumeClaim | IEvent;

/** Reads the lists that `kubectl get -o json` printed, one for each namespace. */
export function readSnapshot(lists: readonly string[]): Snapshot {
  const items = lists.flatMap((list) => (JSON.parse(list) as { items: Listed[] }).items);
  return {
    deployments: items.filter((item): item is IDeployment => item.kind === "Deployment"),
    replicaSets: items.filter((item): item is IReplicaSet => item.kind === "ReplicaSet"),
    pods: items.filter((item): item is IPod => item.kind === "Pod"),
    claims: items.filter((item): item is IPersistentVolumeClaim => item.kind === "PersistentVolumeClaim"),
    events: items.filter((item): item is IEvent => item.kind === "Event"),
  };
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
