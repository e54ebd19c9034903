/**
 * Ports of pods as destinations: of the workloads themselves, and of pods in other namespaces.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { type Model, workloadOf } from "../../model/model.ts";
import { serviceHost } from "../../model/workloads.ts";
import type { Subject } from "./deployments.ts";
import type { Destination } from "./destinations.ts";
import { runningContainersOf } from "./expected.ts";
import { type LivePod, runningPods } from "./live.ts";

const tcp = { protocol: "TCP" } as const;

/** The ports that a workload's containers tell, and the docker daemon's, which its client is told by DOCKER_HOST. @throws {KubectlFailed} */
export async function workloadPorts(model: Model, subject: Subject): Promise<Destination[]> {
  const [pod] = await subject.pods();
  if (pod === undefined) return [];
  const workload = workloadOf(model, subject.name as Parameters<typeof workloadOf>[1]);
  const containers = runningContainersOf(subject.deployment);
  const told = containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
  const daemon = containers.flatMap(({ env = [] }) =>
    env.flatMap(({ name, value }) => name === "DOCKER_HOST" && value !== undefined ? [Number(new URL(value).port)] : [])
  );
  return [...new Set([...told, ...daemon])].map((port): Destination => ({
    name: `${subject.name}:${port}`,
    place: { kind: "workload", workload: subject.name },
    ...tcp,
    port,
    address: pod.ip,
    ...(port === workload.port ? { host: serviceHost(workload) } : {}),
    ...evidence(pod, port),
  }));
}

/** That a pod is ready shows that something listens where its readiness probe asks. */
function evidence({ ready, containers }: LivePod, port: number): { listens?: string } {
  return ready && probedPorts(containers).includes(port) ? { listens: "its readiness probe is answered there" } : {};
}

function probedPorts(containers: LivePod["containers"]): number[] {
  return containers.flatMap(({ probed, ports }) => {
    if (probed === undefined) return [];
    const port = ports.find(({ name }) => name === probed)?.port ?? Number(probed);
    return Number.isInteger(port) ? [port] : [];
  });
}

/** The pod that a flow of pack.yaml leads to; none when no such pod runs. @throws {KubectlFailed} */
export async function podsPort(
  kubectl: Kubectl,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  port: number,
): Promise<Destination[]> {
  const pods = await runningPods(kubectl, namespace, labels);
  return pods.slice(0, 1).map((pod) => podPort(pod, port, labels));
}

function podPort(pod: LivePod, port: number, labels: Readonly<Record<string, string>>): Destination {
  return {
    name: `${nameOf(pod.namespace, labels)}:${port}`,
    place: { kind: "pod", namespace: pod.namespace, labels: pod.labels },
    ...tcp,
    port,
    address: pod.ip,
    ...evidence(pod, port),
  };
}

/** Pods by the namespace and the labels that choose them: `monitoring/grafana`. */
export function nameOf(namespace: string, labels: Readonly<Record<string, string>>): string {
  return `${namespace}/${Object.values(labels).join()}`;
}

/** A pod of another namespace, on the port where it is known to listen. @throws {KubectlFailed} */
export async function neighbour(
  kubectl: Kubectl,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<Destination[]> {
  const [pod] = (await runningPods(kubectl, namespace, labels)).filter(({ ready }) => ready);
  if (pod === undefined) return [];
  return probedPorts(pod.containers).slice(0, 1).map((port) => podPort(pod, port, labels));
}
