/**
 * Determines what should be in the cluster: the objects of an overlay as `kubectl kustomize` renders them, and its Deployments
 * with their live pods.
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IPod } from "kubernetes-models/v1/Pod";
import { parseAllDocuments } from "yaml";
import type { Kubectl } from "../../cluster/kubectl.ts";
import { containersIn, hasLabels } from "../../cluster/pods.ts";
import { list, type Snapshot, takeSnapshot } from "../../cluster/snapshot.ts";
import { kustomizeFiles } from "../../generate/generate.ts";
import type { KubernetesObject } from "../../generate/kubernetes/object.ts";
import type { Model } from "../../model/model.ts";
import { selectorLabels, type WorkloadRow } from "../../model/workloads.ts";
import { once } from "../../values/once.ts";
import { PROBE_LABEL } from "./inside.ts";
import { type Finding, skip } from "./results.ts";

/** The overlays that can be in a cluster. */
export const OVERLAYS = ["prod", "kind", "kind-eso"] as const;
/** Name of an overlay. */
export type OverlayName = (typeof OVERLAYS)[number];

/** A container of a pod template. */
export type Container = NonNullable<NonNullable<IDeployment["spec"]>["template"]["spec"]>["containers"][number];

/** The objects of one overlay. */
export interface Expected {
  readonly overlay: OverlayName;
  readonly objects: readonly KubernetesObject[];
}

/** Renders an overlay of a configuration, whatever is in the project's own `kustomize/`. @throws {KubectlFailed} */
export async function expectedObjects(kubectl: Kubectl, model: Model, overlay: OverlayName): Promise<Expected> {
  const folder = await Deno.makeTempDir({ prefix: "openclaw-pack-" });
  try {
    for (const { path, text } of kustomizeFiles(model)) {
      await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    const rendered = await kubectl.run(["kustomize", join(folder, "kustomize/overlays", overlay)]);
    return { overlay, objects: parseAllDocuments(rendered).map((document) => document.toJS() as KubernetesObject) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the Deployments of an overlay. */
export function deployments({ objects }: Expected): IDeployment[] {
  return objects.filter((object): object is KubernetesObject & IDeployment => object.kind === "Deployment");
}

/** Returns the claims of an overlay. */
export function claims({ objects }: Expected): IPersistentVolumeClaim[] {
  return objects.filter((object): object is KubernetesObject & IPersistentVolumeClaim =>
    object.kind === "PersistentVolumeClaim"
  );
}

/** Returns whether the overlay has an object. */
export function has({ objects }: Expected, kind: string, name: string): boolean {
  return objects.some((object) => object.kind === kind && object.metadata?.name === name);
}

/** Returns whether the overlay has what runs a workload. It goes by labels, since a CronJob has another name. */
export function runs({ objects }: Expected, workload: WorkloadRow): boolean {
  const labels = selectorLabels(workload);
  return objects.some(({ kind, metadata }) => kind === workload.kind && hasLabels(metadata, labels));
}

/** Returns the containers of a Deployment, init containers first. */
export function containersOf({ spec }: IDeployment): Container[] {
  return containersIn(spec?.template.spec);
}

/** Returns the containers that keep running: a native sidecar is an init container that is always restarted. */
export function runningContainersOf({ spec }: IDeployment): Container[] {
  const sidecars = spec?.template.spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  return [...sidecars, ...spec?.template.spec?.containers ?? []];
}

/** An expected Deployment. */
export interface Subject {
  readonly name: string;
  readonly namespace: string;
  /** Its manifest, as the overlay has it. */
  readonly deployment: IDeployment;
  /** Returns its running pods. @throws {KubectlFailed} */
  readonly pods: () => Promise<IPod[]>;
  /** Returns the live Deployment, if it exists. @throws {KubectlFailed} */
  readonly live: () => Promise<IDeployment | undefined>;
  /** Returns everything in its namespace. @throws {KubectlFailed} */
  readonly snapshot: () => Promise<Snapshot>;
}

/** Returns every Deployment of the overlay. The cluster is read once, when the first check needs it. */
export function subjects(kubectl: Kubectl, expected: Expected): Subject[] {
  const wanted = deployments(expected);
  const namespaces = [...new Set(wanted.map(({ metadata }) => metadata?.namespace ?? ""))];
  // Three calls, because a user who may read pods may not be allowed to read everything else.
  const all = once(() => list<IDeployment>(kubectl, "deployments", namespaces));
  const pods = once(() => list<IPod>(kubectl, "pods", namespaces));
  const snapshot = once(() => takeSnapshot(kubectl, namespaces));
  return wanted.map((deployment): Subject => {
    const { name = "", namespace = "" } = deployment.metadata ?? {};
    const labels = deployment.spec?.selector.matchLabels ?? {};
    return {
      name,
      namespace,
      deployment,
      snapshot,
      live: async () =>
        (await all()).find(({ metadata }) => metadata?.name === name && metadata.namespace === namespace),
      pods: async () => runningPods(await pods(), namespace, labels),
    };
  });
}

/** Returns the pods of a namespace with all of these labels that are running and not being deleted, without verify's own. */
export function runningPods(
  pods: readonly IPod[],
  namespace: string,
  labels: Readonly<Record<string, string>>,
): IPod[] {
  return pods.filter(({ metadata, status }) =>
    metadata?.namespace === namespace && metadata.deletionTimestamp === undefined && status?.phase === "Running" &&
    metadata.labels?.[PROBE_LABEL] === undefined && hasLabels(metadata, labels)
  );
}

/** Checks something inside the first pod of a Deployment. */
export async function inPod(subject: Subject, check: (pod: PodId) => Promise<Finding>): Promise<Finding> {
  const [pod] = await subject.pods();
  return pod === undefined ? skip("no pod is running") : await check(podId(pod));
}

/** A pod to run a command in. */
export interface PodId {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
}

/** Returns where a pod is. */
export function podId({ metadata, status }: IPod): PodId {
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "", ip: status?.podIP ?? "" };
}
