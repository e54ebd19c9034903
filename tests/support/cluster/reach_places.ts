/**
 * Places of the reachability table: the workloads' real pods, pods that belong to no workload in our and other namespaces, the
 * cluster's own components, and internet addresses on both sides of every edge of a private network. Something listens on each
 * of them on every port of any flow, so that a shut cell is shut by a policy.
 *
 * @module
 */

import type { Model } from "../../../src/model/model.ts";
import { selectorLabels } from "../../../src/model/workloads.ts";
import { UNLABELLED_POD } from "../../../src/commands/verify/cells.ts";
import { deployments, expectedObjects } from "../../../src/commands/verify/expected.ts";
import { workloadPorts } from "../../../src/commands/verify/pod_ports.ts";
import type { Json } from "../support.ts";
import { bystanders } from "./bystanders.ts";
import type { OwnCluster } from "./cluster.ts";
import { packKubectl } from "./kubectl.ts";
import { type PodNetwork, podNetworks } from "./pod_networks.ts";
import { plant } from "./plant.ts";
import { bothProtocols, node, resolver, spotsAt, world } from "./reach_surroundings.ts";
import type { Source, Spot } from "./reach_table.ts";

/** Default address of docker0, which is the pod from the sandboxes' point of view. */
const DOCKER_BRIDGE = "172.17.0.1";
/** A port that no flow names. */
const OTHER_PORT = 9999;

/** All sources and all spots that they dial. */
export interface Places {
  readonly sources: readonly Source[];
  readonly spots: readonly Spot[];
}

/** Finds all sources and spots, and starts listeners on the spots. */
export async function places(cluster: OwnCluster, model: Model): Promise<Places> {
  const networks = await podNetworks(cluster.machine);
  const workloads = await workloadRows(cluster, model, networks);
  const taken = workloads.flatMap(({ own }) => own);
  const named = model.flows.flatMap(({ ports }) => ports.map(({ port }) => port));
  const everyPort = [...new Set([...named, ...taken, OTHER_PORT])].toSorted((a, b) => a - b);
  const every = bothProtocols(everyPort);
  const others = bystanders(model).map((row) => ({ row, network: networkOf(networks, row.namespace, row.name) }));
  const sources: Source[] = [
    ...workloads.map(({ name, network }) => ({ name, as: name, ...network })),
    ...others.map(({ row, network }) => ({
      name: `${row.namespace}/${row.name}`,
      ...network,
      ...(isOurs(model, row.namespace) ? { as: UNLABELLED_POD } : {}),
    })),
  ];
  const internet = model.flows.flatMap(({ to, ports }) => to.kind === "internet" ? ports.map(({ port }) => port) : []);
  const spots: Spot[] = [
    ...workloads.flatMap(({ name, network, own }) =>
      spotsAt({ name, place: { kind: "workload", workload: name }, ...network }, every, own)
    ),
    ...others.flatMap(({ row: { name, namespace, labels }, network }) =>
      spotsAt({ name: `${namespace}/${name}`, place: { kind: "pod", namespace, labels }, ...network }, every)
    ),
    ...await services(cluster, model, workloads),
    ...await resolver(cluster, model, networks, every),
    ...await node(cluster, every),
    ...world(model, every, bothProtocols([...new Set(internet)])),
  ];
  await plant(cluster.machine, spots);
  return { sources, spots };
}

function isOurs(model: Model, namespace: string): boolean {
  return model.workloads.some((workload) => workload.namespace === namespace);
}

function networkOf(networks: readonly PodNetwork[], namespace: string, pod: string) {
  const found = networks.find((network) => network.namespace === namespace && network.pod === pod);
  if (found === undefined) throw new Error(`${namespace}/${pod} has no network`);
  return { address: found.address, netns: found.netns };
}

interface WorkloadRow {
  readonly name: string;
  readonly network: { readonly address: string; readonly netns: string };
  /** TCP ports on which the workload itself listens. */
  readonly own: readonly number[];
}

/** Returns the pod of every workload, and the ports on which it listens according to the generated files. */
async function workloadRows(
  cluster: OwnCluster,
  model: Model,
  networks: readonly PodNetwork[],
): Promise<WorkloadRow[]> {
  const deployed = deployments(await expectedObjects(await packKubectl(cluster), model, "prod"));
  return await Promise.all(model.workloads.map(async (workload) => {
    const labels = Object.entries(selectorLabels(workload)).map((label) => label.join("="));
    const { items } = await cluster.get("pods", "-n", workload.namespace, "-l", labels.join());
    // A pod that a rollout has replaced may still be terminating.
    const [pod, ...more] = items.filter(({ metadata }: Json) => metadata.deletionTimestamp === undefined);
    if (pod === undefined || more.length > 0) throw new Error(`${workload.name}: ${items.length} pods`);
    const deployment = deployed.find(({ metadata }) => metadata?.name === workload.name);
    const ports = deployment === undefined ? [] : workloadPorts(model, { name: workload.name, deployment }, pod);
    return {
      name: workload.name,
      network: networkOf(networks, workload.namespace, pod.metadata.name),
      own: ports.map(({ port }) => port),
    };
  }));
}

/** Returns the workloads' Services, and the bridge address at which a sandbox could reach the gateway. */
async function services(cluster: OwnCluster, model: Model, workloads: readonly WorkloadRow[]): Promise<Spot[]> {
  const rows = await Promise.all(model.workloads.map(async ({ name, namespace }) => {
    const row = workloads.find((workload) => workload.name === name);
    if (row === undefined) return [];
    const { items } = await cluster.get("services", "-n", namespace, "-l", `app.kubernetes.io/name=${name}`);
    type Service = { spec: { clusterIP: string; ports: { port: number; targetPort: number }[] } };
    return (items as Service[]).flatMap(({ spec: { clusterIP, ports } }) =>
      ports.map(({ port, targetPort }): Spot => ({
        name: `Service of ${name}:${port}`,
        place: { kind: "workload", workload: name },
        protocol: "TCP",
        port,
        address: clusterIP,
        seen: { address: row.network.address, port: targetPort },
      }))
    );
  }));
  const gateway = workloads.find(({ name }) => name === "openclaw");
  const bridge = (gateway?.own ?? []).map((port): Spot => ({
    name: `its bridge:${port}`,
    place: { kind: "workload", workload: "openclaw" },
    protocol: "TCP",
    port,
    address: DOCKER_BRIDGE,
    sandboxOnly: true,
  }));
  return [...rows.flat(), ...(model.config.sandbox.backend === "docker" ? bridge : [])];
}
