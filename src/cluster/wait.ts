/**
 * Determines what a pod waits for, from its status and events, and whether it may recover.
 *
 * @module
 */

import type { IContainerStatus } from "kubernetes-models/v1/ContainerStatus";
import type { IEvent } from "kubernetes-models/v1/Event";
import type { IPod } from "kubernetes-models/v1/Pod";
import { printable } from "../values/printable.ts";
import { containersIn, isTrue } from "./pods.ts";
import { eventsOf, type Snapshot, timesOf } from "./snapshot.ts";

/** What a pod or a Deployment waits for. */
export interface Wait {
  /** A line for the user. */
  readonly what: string;
  /** Start of the wait, in RFC 3339. */
  readonly since?: string;
  /** The container whose log has details. */
  readonly container?: string;
  /** Seconds after which it will not recover; 0 if it already will not, undefined if it may. */
  readonly maxWait?: number;
}

/** Attempts after which a failure counts as permanent. With the back-off of Kubernetes that takes half a minute. */
const MAX_TRIES = 3;
/** Seconds. The node of a new cluster is ready after half a minute, a new node of an autoscaler after two. */
const MAX_SCHEDULING_WAIT = 180;

type PodObject = IPod & { readonly kind: "Pod" };
type Status = IContainerStatus;

/** Returns what a pod waits for, or undefined if it is ready. */
export function podWait(snapshot: Snapshot, pod: IPod): Wait | undefined {
  const { metadata, status, spec } = pod;
  if (metadata?.deletionTimestamp !== undefined) return { what: "is being stopped", since: metadata.deletionTimestamp };
  const condition = (type: string) => status?.conditions?.find((candidate) => candidate.type === type);
  if (isTrue(status, "Ready")) return undefined;
  const of = { ...pod, kind: "Pod" } satisfies PodObject;
  const scheduled = condition("PodScheduled");
  if (scheduled?.status === "False") {
    return unscheduled(snapshot, of, scheduled.message ?? "", scheduled.lastTransitionTime);
  }
  if (status?.phase === "Failed") {
    return { what: [`failed: ${status.reason ?? ""}`, status.message].filter(Boolean).join(": ") };
  }
  const sidecars = new Set(
    spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name),
  );
  for (const container of status?.initContainerStatuses ?? []) {
    const sidecar = sidecars.has(container.name);
    const done = sidecar ? container.started : container.state?.terminated?.exitCode === 0;
    if (!done) {
      const label = `${sidecar ? "sidecar" : "init container"} ${container.name}`;
      return containerWait(snapshot, of, container, label, sidecar ? "starts" : "runs");
    }
  }
  for (const container of status?.containerStatuses ?? []) {
    if (container.ready) continue;
    const doing = container.started ? "is not ready" : "starts";
    return containerWait(snapshot, of, container, `container ${container.name}`, doing);
  }
  for (const container of status?.initContainerStatuses ?? []) {
    if (!sidecars.has(container.name) || container.ready) continue;
    return containerWait(snapshot, of, container, `sidecar ${container.name}`, "is not ready");
  }
  const since = metadata?.creationTimestamp;
  return { what: "is about to start", ...(since === undefined ? {} : { since }) };
}

function unscheduled(snapshot: Snapshot, pod: PodObject, message: string, since: string | undefined): Wait {
  const names = pod.spec?.volumes?.map(({ persistentVolumeClaim: claim }) => claim?.claimName);
  const claims = snapshot.claims.filter(({ metadata, status }) =>
    metadata?.namespace === pod.metadata?.namespace && names?.includes(metadata?.name) && status?.phase !== "Bound"
  );
  for (const claim of claims) {
    const events = eventsOf(snapshot, { ...claim, kind: "PersistentVolumeClaim" });
    const failed = events.findLast(({ type }) => type === "Warning");
    if (failed === undefined) continue;
    return {
      what: `volume ${claim.metadata?.name}: ${oneLine(failed.message)}`,
      ...(since === undefined ? {} : { since }),
      ...(timesOf(events, ({ type }) => type === "Warning") >= MAX_TRIES ? { maxWait: 0 } : {}),
    };
  }
  // Only the first sentences of the scheduler's message; what it says about preemption and claims concerns other pods.
  const [why = message] = message.split(/(?<=\.) (?:no new claims|preemption:)/);
  return {
    what: `cannot be scheduled: ${oneLine(why)}`,
    ...(since === undefined ? {} : { since }),
    maxWait: MAX_SCHEDULING_WAIT,
  };
}

/** Returns why a container is not ready. `doing` describes a container that runs. */
function containerWait(snapshot: Snapshot, pod: PodObject, status: Status, label: string, doing: string): Wait {
  const events = eventsOf(snapshot, pod, status.name);
  const { running, terminated, waiting } = status.state ?? {};
  if (running !== undefined) {
    const probe = events.findLast(({ reason }) => reason === "Unhealthy");
    return {
      what: `${label} ${doing}${detail(probe?.message)}${restarts(status)}`,
      container: status.name,
      ...(running.startedAt === undefined ? {} : { since: running.startedAt }),
    };
  }
  const created = pod.metadata?.creationTimestamp;
  const since = created === undefined ? {} : { since: created };
  const reason = waiting?.reason ?? "";
  if (terminated !== undefined || status.lastState?.terminated !== undefined) {
    const last = terminated ?? status.lastState?.terminated;
    const why = last?.reason === "OOMKilled"
      ? `OOMKilled: it needs more memory than ${memoryLimit(pod, status.name)}`
      : last?.reason === "StartError" || reason === "RunContainerError"
      ? last?.message ?? waiting?.message
      : killedBy(events, last?.exitCode) ?? `exit status ${last?.exitCode}: ${lastLine(last?.message)}`;
    return {
      what: `${label} crashes${detail(why)}${restarts(status)}`,
      container: status.name,
      ...(last?.finishedAt === undefined ? since : { since: last.finishedAt }),
      ...(status.restartCount >= MAX_TRIES ? { maxWait: 0 } : {}),
    };
  }
  const failed = FAILURES[reason]?.(events);
  if (failed !== undefined) {
    const { how, unrecoverable } = failed;
    return { what: `${label} ${how}${detail(waiting?.message)}`, ...since, ...(unrecoverable ? { maxWait: 0 } : {}) };
  }
  return { what: `${label} ${creation(eventsOf(snapshot, pod), events, status)}`, ...since };
}

interface Failure {
  readonly how: string;
  readonly unrecoverable: boolean;
}

const pull = (events: readonly IEvent[]): Failure => ({
  how: "has no image",
  unrecoverable: timesOf(events, ({ reason }) => reason === "Pulling") >= MAX_TRIES,
});
const create = (events: readonly IEvent[]): Failure => ({
  how: "cannot be created",
  unrecoverable: timesOf(events, ({ type, reason }) => type === "Warning" && reason === "Failed") >= MAX_TRIES,
});
const noImage = (): Failure => ({ how: "has no image", unrecoverable: true });

/** The kubelet's reasons why a container has never run. */
const FAILURES: Record<string, ((events: readonly IEvent[]) => Failure) | undefined> = {
  ErrImagePull: pull,
  ImagePullBackOff: pull,
  ErrImageNeverPull: noImage,
  InvalidImageName: noImage,
  CreateContainerConfigError: create,
  CreateContainerError: create,
  RunContainerError: create,
};

function creation(ofPod: readonly IEvent[], events: readonly IEvent[], { image }: Status): string {
  if (events.at(-1)?.reason === "Pulling") return `is pulling image ${image}`;
  const warning = ofPod.findLast(({ type, reason, involvedObject }) =>
    // The pod has a node, so what the scheduler reported no longer applies.
    type === "Warning" && reason !== "FailedScheduling" && involvedObject.fieldPath === undefined
  );
  return `is being created${detail(warning?.message)}`;
}

function detail(text: string | undefined): string {
  const line = oneLine(text).replace(/:$/, "");
  return line === "" ? "" : ` (${line})`;
}

function restarts({ restartCount }: Status): string {
  return restartCount === 0 ? "" : `, restarted ${restartCount === 1 ? "once" : `${restartCount} times`}`;
}

/** Returns the probe whose failure made the kubelet kill a container. */
function killedBy(events: readonly IEvent[], exitCode: number | undefined): string | undefined {
  const probe = events.findLast(({ reason, message }) => reason === "Unhealthy" && !message?.startsWith("Readiness"));
  return exitCode === 137 || exitCode === 143 ? probe?.message : undefined;
}

/** Returns the last line of the log, which Kubernetes keeps because of `terminationMessagePolicy: FallbackToLogsOnError`. */
function lastLine(message = ""): string {
  return message.trimEnd().split("\n").at(-1) ?? "";
}

function memoryLimit({ spec }: IPod, name: string): string {
  return String(
    containersIn(spec).find((container) => container.name === name)?.resources?.limits?.memory ?? "is available",
  );
}

/** Returns the output of a container as one line without control sequences, which could change the terminal. */
function oneLine(text = ""): string {
  return printable(text).replaceAll(/\s+/g, " ").trim();
}
