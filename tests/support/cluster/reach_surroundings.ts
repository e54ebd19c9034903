/**
 * Places of the reachability table other than our pods: the cluster's resolver, its node and the internet.
 *
 * @module
 */

import type { Port } from "../../../src/model/flows.ts";
import { type Model, workloadOf } from "../../../src/model/model.ts";
import { serviceHost } from "../../../src/model/workloads.ts";
import { dnsQuestion, type Place } from "../../../src/commands/verify/cells.ts";
import { type OwnCluster, WORLD_ADDRESS } from "./cluster.ts";
import { NODE_ADDRESS } from "./machine.ts";
import { type PodNetwork, WORLD_NETNS } from "./pod_networks.ts";
import { blockedNetworks, borders } from "./private_networks.ts";
import type { Spot } from "./reach_table.ts";

const METADATA = "169.254.169.254";
/** Address of the node in the pod network. */
const BRIDGE_ADDRESS = "10.244.0.1";

/** Returns each port for TCP and for UDP. */
export function bothProtocols(ports: readonly number[]): Port[] {
  return ports.flatMap((port) => (["TCP", "UDP"] as const).map((protocol) => ({ protocol, port })));
}

/** Returns the spots of one address on many ports. The test starts a listener on each port that is not its `own`. */
export function spotsAt(
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

/** Returns the spots of the cluster's resolver: its Service, its pod and that pod's other ports. */
export async function resolver(
  cluster: OwnCluster,
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
  // Its health and readiness endpoints.
  const probes = [8080, 8181].map((port) => ({ protocol: "TCP", port } as const));
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
    ...spotsAt(at, probes).map(bare),
    ...spotsAt(at, rest),
  ];
}

/** Returns the spots of both addresses of the node, with its kubelet and the API server. */
export async function node(cluster: OwnCluster, every: readonly Port[]): Promise<Spot[]> {
  const place = { kind: "forbidden" } as const;
  const netns = "/proc/1/ns/net";
  const kubelet = { protocol: "TCP", port: 10250 } as const;
  const api = { protocol: "TCP", port: 6443 } as const;
  const own = [kubelet.port, api.port];
  const { spec } = await cluster.get("service", "kubernetes");
  return [
    ...spotsAt({ name: "node", place, address: NODE_ADDRESS, netns }, [...every, kubelet, api], own),
    ...spotsAt({ name: "node in the pod network", place, address: BRIDGE_ADDRESS, netns }, [...every, api], own),
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

/** Returns a public address on every port, and for each blocked network its first and last address and their neighbours. */
export function world(model: Model, every: readonly Port[], internet: readonly Port[]): Spot[] {
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
