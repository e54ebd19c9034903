/**
 * The state of each Deployment of a trial.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IReplicaSet } from "kubernetes-models/apps/v1/ReplicaSet";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { Snapshot } from "./snapshot.ts";
import { podWait, type Wait } from "./wait.ts";

/** Identifies a Deployment. */
export interface WorkloadId {
  readonly namespace: string;
  readonly name: string;
}

/** The state of a pod, or of a Deployment without pods. */
export interface WorkloadState {
  readonly workload: WorkloadId;
  /** Name of the pod. */
  readonly pod?: string;
  /** Ready containers of all that keep running, sidecars included: `3/4`. */
  readonly ready: string;
  /** What it waits for; undefined if it is ready. */
  readonly wait?: Wait;
}

/** Seconds in which a new namespace may still refuse pods, for lack of its service account. */
const MAX_REFUSED_WAIT = 30;
const REVISION = "deployment.kubernetes.io/revision";

/**
 * Returns the state of each expected Deployment. Only pods of the newest revision count, because older ones are being replaced.
 */
export function workloadStates(snapshot: Snapshot, expected: readonly WorkloadId[]): WorkloadState[] {
  return expected.flatMap((workload) => {
    const row = (wait: Wait): WorkloadState[] => [{ workload, ready: "0/0", wait }];
    const deployment = snapshot.deployments.find(({ metadata }) =>
      metadata?.name === workload.name && metadata.namespace === workload.namespace
    );
    if (deployment === undefined) return row({ what: "does not exist" });
    const owned = snapshot.replicaSets.filter((replicaSet) => isOwned(replicaSet, "Deployment", workload));
    const newest = owned.find(({ metadata }) =>
      metadata?.annotations?.[REVISION] === deployment.metadata?.annotations?.[REVISION]
    );
    const { generation } = deployment.metadata ?? {};
    if (newest === undefined || (deployment.status?.observedGeneration ?? 0) < (generation ?? 0)) {
      return row({ what: "not observed yet" });
    }
    const pods = snapshot.pods.filter((pod) =>
      isOwned(pod, "ReplicaSet", { namespace: workload.namespace, name: newest.metadata?.name ?? "" }) &&
      pod.metadata?.deletionTimestamp === undefined
    );
    if (pods.length === 0) return row(waitWithoutPod(snapshot, newest, owned));
    const settled = isAvailable(deployment);
    return pods.map((pod): WorkloadState => {
      const wait = podWait(snapshot, pod) ?? (settled ? undefined : { what: "is ready; older pods are being stopped" });
      return {
        workload,
        ...(pod.metadata?.name === undefined ? {} : { pod: pod.metadata.name }),
        ready: readyContainers(pod),
        ...(wait === undefined ? {} : { wait }),
      };
    });
  });
}

/** Returns whether a Deployment is available, by the conditions of `kubectl rollout status`. */
function isAvailable({ spec, status }: IDeployment): boolean {
  const wanted = spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  return updatedReplicas >= wanted && replicas === updatedReplicas && availableReplicas >= updatedReplicas;
}

function waitWithoutPod({ pods }: Snapshot, newest: IReplicaSet, owned: readonly IReplicaSet[]): Wait {
  const failure = newest.status?.conditions?.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  if (failure !== undefined) {
    return {
      what: `cannot create its pod: ${failure.message ?? failure.reason ?? ""}`,
      ...(failure.lastTransitionTime === undefined ? {} : { since: failure.lastTransitionTime }),
      maxWait: MAX_REFUSED_WAIT,
    };
  }
  const older = pods.some((pod) =>
    owned.some(({ metadata }) =>
      isOwned(pod, "ReplicaSet", { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" })
    )
  );
  return { what: older ? "waits for its older pod to stop" : "has no pod yet" };
}

function isOwned({ metadata }: Pick<IPod, "metadata">, kind: string, owner: WorkloadId): boolean {
  return metadata?.namespace === owner.namespace &&
    (metadata.ownerReferences?.some((reference) => reference.kind === kind && reference.name === owner.name) ?? false);
}

function readyContainers({ spec, status }: IPod): string {
  const sidecars = spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  const statuses = [...status?.initContainerStatuses ?? [], ...status?.containerStatuses ?? []];
  const stay = new Set([...sidecars, ...spec?.containers ?? []].map(({ name }) => name));
  return `${statuses.filter(({ name, ready }) => stay.has(name) && ready).length}/${stay.size}`;
}
