/**
 * Who is in the reachability table: the workloads' real pods, pods that are no workload's in ours and in other namespaces, the
 * cluster's own parts, and addresses of the world on either side of every border of what is private. On each of them somebody
 * answers on every port that any flow names, so that a way that is shut is shut by a policy.
 *
 * @module
 */

import type { Port } from "../../src/model/flows.ts";
import { type Model, workloadOf } from "../../src/model/model.ts";
import { selectorLabels, serviceHost } from "../../src/model/workloads.ts";
import { STRANGER } from "../../src/verify/cells.ts";
import { subjects } from "../../src/verify/deployments.ts";
import { dnsQuestion, type Place } from "../../src/verify/destinations.ts";
import { expectedObjects } from "../../src/verify/expected.ts";
import { workloadPorts } from "../../src/verify/pod_ports.ts";
import type { Json } from "../support.ts";
import { bystanders } from "./bystanders.ts";
import { type Cluster, WORLD_ADDRESS } from "./cluster.ts";
import { NODE_ADDRESS } from "./machine.ts";
import { type PodNetwork, podNetworks, WORLD_NETNS } from "./pod_networks.ts";
import { plant } from "./plant.ts";
import { blockedNetworks, borders } from "./private_networks.ts";
import type { Source, Spot } from "./reach_table.ts";

const METADATA = "169.254.169.254";
/** The node's address in the pods' network. */
const BRIDGE_ADDRESS = "10.244.0.1";
/** The address that docker0 has when nobody says otherwise: the pod, as its sandboxes see it. */
const DOCKER_BRIDGE = "172.17.0.1";
/** A port that no flow names. */
const OTHER_PORT = 9999;

/** Everybody who dials and is dialled. */
export interface Places {
  readonly sources: readonly Source[];
  readonly spots: readonly Spot[];
}

/** Finds everybody, and plants who answers. */
export async function places(cluster: Cluster, model: Model): Promise<Places> {
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
      ...(isOurs(model, row.namespace) ? { as: STRANGER } : {}),
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

function bothProtocols(ports: readonly number[]): Port[] {
  return ports.flatMap((port) => (["TCP", "UDP"] as const).map((protocol) => ({ protocol, port })));
}

function networkOf(networks: readonly PodNetwork[], namespace: string, pod: string) {
  const found = networks.find((network) => network.namespace === namespace && network.pod === pod);
  if (found === undefined) throw new Error(`${namespace}/${pod} has no network`);
  return { address: found.address, netns: found.netns };
}

interface WorkloadRow {
  readonly name: string;
  readonly network: { readonly address: string; readonly netns: string };
  /** TCP ports on which it answers itself. */
  readonly own: readonly number[];
}

/** The pods of every workload, and where they listen by the generated files. */
async function workloadRows(cluster: Cluster, model: Model, networks: readonly PodNetwork[]): Promise<WorkloadRow[]> {
  const kubectl = {
    run: (args: readonly string[]) => cluster.run(args),
    forward: () => Promise.reject(new Error("nobody needs it here")),
  };
  const deployed = subjects(kubectl, expectedObjects(model, "prod"));
  return await Promise.all(model.workloads.map(async (workload) => {
    const labels = Object.entries(selectorLabels(workload)).map((label) => label.join("="));
    const { items } = await cluster.get("pods", "-n", workload.namespace, "-l", labels.join());
    // One that a rollout has replaced takes its time to go.
    const [pod, ...more] = items.filter(({ metadata }: Json) => metadata.deletionTimestamp === undefined);
    if (pod === undefined || more.length > 0) throw new Error(`${workload.name}: ${items.length} pods`);
    const subject = deployed.find(({ name }) => name === workload.name);
    const ports = subject === undefined ? [] : await workloadPorts(model, subject);
    return {
      name: workload.name,
      network: networkOf(networks, workload.namespace, pod.metadata.name),
      own: ports.map(({ port }) => port),
    };
  }));
}

/** One address on many ports; on those that are not its `own` somebody is planted. */
function spotsAt(
  { name, place, address, netns }: { name: string; place: Place; address: string; netns: string },
  ports: readonly Port[],
  own: readonly number[] = [],
): Spot[] {
  return ports.map(({ protocol, port }) => ({
    name: `${name}:${port}${protocol === "UDP" ? " by UDP" : ""}`,
    place,
    protocol,
    port,
    address,
    ...(protocol === "TCP" && own.includes(port) ? {} : { planted: netns }),
  }));
}

/** The workloads by their Services, and what a sandbox could take for its gateway. */
async function services(cluster: Cluster, model: Model, workloads: readonly WorkloadRow[]): Promise<Spot[]> {
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

/** The cluster's resolver, by its Service and its pod, and that pod's other ports. */
async function resolver(
  cluster: Cluster,
  model: Model,
  networks: readonly PodNetwork[],
  every: readonly Port[],
): Promise<Spot[]> {
  const place = { kind: "dns" } as const;
  const payload = dnsQuestion(serviceHost(workloadOf(model, "openclaw")));
  const network = networks.find(({ namespace, pod }) => namespace === "kube-system" && pod.startsWith("coredns-"));
  if (network === undefined) throw new Error("CoreDNS has no network");
  const { spec } = await cluster.get("service", "-n", "kube-system", "kube-dns");
  const own = bothProtocols([53]);
  // Its health, its readiness.
  const told = [8080, 8181].map((port) => ({ protocol: "TCP", port } as const));
  const rest = every.filter(({ port }) => port !== 53);
  const asked = (spot: Spot): Spot => spot.protocol === "UDP" ? { ...spot, payload } : spot;
  const at = { name: "CoreDNS", place, address: network.address, netns: network.netns };
  const bare = ({ planted: _, ...spot }: Spot): Spot => spot;
  return [
    ...spotsAt({ ...at, name: "Service of DNS", address: spec.clusterIP }, own).map((spot) => ({
      ...asked(bare(spot)),
      seen: { address: network.address, port: 53 },
    })),
    ...spotsAt(at, own).map(bare).map(asked),
    ...spotsAt(at, told).map(bare),
    ...spotsAt(at, rest),
  ];
}

/** The node by both of its addresses, its kubelet and the API server. */
async function node(cluster: Cluster, every: readonly Port[]): Promise<Spot[]> {
  const place = { kind: "forbidden" } as const;
  const netns = "/proc/1/ns/net";
  const kubelet = { protocol: "TCP", port: 10250 } as const;
  const api = { protocol: "TCP", port: 6443 } as const;
  const own = [kubelet.port, api.port];
  const { spec } = await cluster.get("service", "kubernetes");
  return [
    ...spotsAt({ name: "node", place, address: NODE_ADDRESS, netns }, [...every, kubelet, api], own),
    ...spotsAt({ name: "node in the pods' network", place, address: BRIDGE_ADDRESS, netns }, [...every, api], own),
    {
      name: "API server:443",
      place,
      protocol: "TCP",
      port: 443,
      address: spec.clusterIP,
      seen: { address: NODE_ADDRESS, port: api.port },
    },
  ];
}

/** A public address on every port; the first and the last of each network that is shut, and their neighbours, which are not. */
function world(model: Model, every: readonly Port[], internet: readonly Port[]): Spot[] {
  const at = (address: string, kind: "internet" | "forbidden", ports: readonly Port[], name = address) =>
    spotsAt({ name, place: { kind }, address, netns: WORLD_NETNS }, ports);
  const edges = blockedNetworks(model).map(borders).flatMap(({ inside, outside }) => [
    ...outside.flatMap((address) => at(address, "internet", internet)),
    ...inside.flatMap((address) => at(address, "forbidden", internet)),
  ]);
  return [
    ...at(WORLD_ADDRESS, "internet", every, "internet"),
    ...at(METADATA, "forbidden", internet, "metadata"),
    ...edges,
  ];
}
