/**
 * Ports of pods as destinations: of the workloads themselves, and of pods in other namespaces.
 *
 * @module
 */

import type { IPod } from "kubernetes-models/v1/Pod";
import type { Kubectl } from "../../cluster/kubectl.ts";
import { containersIn, isTrue, type Labels } from "../../cluster/pods.ts";
import { list } from "../../cluster/snapshot.ts";
import { type Model, workloadOf } from "../../model/model.ts";
import { serviceHost } from "../../model/workloads.ts";
import type { Destination } from "./cells.ts";
import { podId, runningContainersOf, runningPods, type Subject } from "./expected.ts";

const tcp = { protocol: "TCP" } as const;

/** Returns the ports that a workload's containers declare, and the docker daemon's, which its client has in DOCKER_HOST. */
export function workloadPorts(model: Model, subject: Pick<Subject, "name" | "deployment">, pod: IPod): Destination[] {
  const workload = workloadOf(model, subject.name as Parameters<typeof workloadOf>[1]);
  const containers = runningContainersOf(subject.deployment);
  const declared = containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
  const daemon = containers.flatMap(({ env = [] }) =>
    env.flatMap(({ name, value }) => name === "DOCKER_HOST" && value !== undefined ? [Number(new URL(value).port)] : [])
  );
  return [...new Set([...declared, ...daemon])].map((port): Destination => ({
    name: `${subject.name}:${port}`,
    place: { kind: "workload", workload: subject.name },
    ...tcp,
    port,
    address: podId(pod).ip,
    ...(port === workload.port ? { host: serviceHost(workload) } : {}),
    ...evidence(pod, port),
  }));
}

/** Returns evidence that something listens: a ready pod answers where its readiness probe asks. */
function evidence(pod: IPod, port: number): { listens?: string } {
  return isReady(pod) && probedPorts(pod).includes(port) ? { listens: "its readiness probe is answered there" } : {};
}

const isReady = ({ status }: IPod) => isTrue(status, "Ready");

/** Returns the ports of HTTP readiness probes; a probe may name a port. */
function probedPorts({ spec }: IPod): number[] {
  return containersIn(spec).flatMap(({ readinessProbe, ports = [] }) => {
    const probed = readinessProbe?.httpGet?.port;
    if (probed === undefined) return [];
    return [ports.find(({ name }) => name === probed)?.containerPort ?? Number(probed)].filter(Number.isInteger);
  });
}

/** Returns the pod that a flow of pack.yaml leads to, if one runs. @throws {KubectlFailed} */
export async function podsPort(
  kubectl: Kubectl,
  namespace: string,
  labels: Labels,
  port: number,
): Promise<Destination[]> {
  const pods = runningPods(await list<IPod>(kubectl, "pods", [namespace], labels), namespace, labels);
  return pods.slice(0, 1).map((pod) => podPort(pod, port, labels));
}

function podPort(pod: IPod, port: number, labels: Labels): Destination {
  return {
    name: `${nameOf(podId(pod).namespace, labels)}:${port}`,
    place: { kind: "pod", namespace: podId(pod).namespace, labels: pod.metadata?.labels ?? {} },
    ...tcp,
    port,
    address: podId(pod).ip,
    ...evidence(pod, port),
  };
}

/** Returns the name of pods by the namespace and the labels that select them: `monitoring/grafana`. */
export function nameOf(namespace: string, labels: Labels): string {
  return `${namespace}/${Object.values(labels).join()}`;
}

/** Returns a pod of another namespace, on the port where it is known to listen. @throws {KubectlFailed} */
export async function neighbour(
  kubectl: Kubectl,
  namespace: string,
  labels: Labels,
): Promise<Destination[]> {
  const pods = runningPods(await list<IPod>(kubectl, "pods", [namespace], labels), namespace, labels);
  const pod = pods.find(isReady);
  if (pod === undefined) return [];
  return probedPorts(pod).slice(0, 1).map((port) => podPort(pod, port, labels));
}
