/**
 * Finds the destinations of one cluster and their current addresses: the workloads' ports, pods of other namespaces, and the
 * cluster's own components.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import type { Flow } from "../../model/flows.ts";
import { type Model, workloadOf } from "../../model/model.ts";
import { serviceHost } from "../../model/workloads.ts";
import { type Destination, dnsQuestion } from "./cells.ts";
import type { Subject } from "./expected.ts";
import { nameOf, neighbour, podsPort, workloadPorts } from "./pod_ports.ts";
import { measure, pass, type Result, skip } from "./results.ts";

/** The addresses outside the cluster, which the user specifies. */
export interface World {
  /** A public address to dial; undefined if the cluster cannot reach the internet. */
  readonly internet: string | undefined;
  /** More addresses that must be closed to every pod, such as `192.168.1.1:80`. */
  readonly shut: readonly { readonly name?: string; readonly host: string; readonly port: number }[];
}

/** A public resolver, which answers over TCP on 80 and 443, and over TCP and UDP on 53. */
export const PUBLIC_ADDRESS = "1.1.1.1";
/** Cloudflare's edge, to which the tunnel connects. */
const EDGE = { host: "region1.v2.argotunnel.com", port: 7844 };
const RESOLVER_PORT = 53;

const ARGOCD_SERVER = { "app.kubernetes.io/name": "argocd-server" };
const NO_PROBED_POD = "no such pod with a port in its readiness probe is running";

const tcp = { protocol: "TCP" } as const;

/** The destinations, and a result for each part that could not be found. */
export interface Surroundings {
  readonly destinations: readonly Destination[];
  readonly gaps: readonly Result[];
}

/** Returns every destination of a cluster. */
export async function surroundings(
  kubectl: Kubectl,
  model: Model,
  subjects: readonly Subject[],
  world: World,
): Promise<Surroundings> {
  const { namespace: argocd } = model.config.argocd;
  // A trial has no tunnel, so destinations of the tunnel alone are left out.
  const flows = model.flows.filter(({ from }) => from !== "cloudflared" || subjects.some(({ name }) => name === from));
  const parts = await Promise.all([
    ...subjects.map((subject) =>
      locate(subject.name, "no pod of it is running", async () => {
        const [pod] = await subject.pods();
        return pod === undefined ? [] : workloadPorts(model, subject, pod);
      })
    ),
    locate("DNS", "", () => Promise.resolve(resolver(model))),
    locate("internet", "not tried, because of --offline", () => Promise.resolve(publicPlaces(flows, world.internet))),
    ...foreignPods(flows).map(({ namespace, labels, port }) => {
      const find = () => podsPort(kubectl, namespace, labels, port);
      return locate(`${nameOf(namespace, labels)}:${port}`, "no pod of it is running", find);
    }),
    ...untestableFlows(flows).map((name) =>
      locate(name, "UDP: no server answers a stray packet", () => Promise.resolve([]))
    ),
    locate("API server", "", () => apiServer(kubectl)),
    locate("kubelet", "no workload is running", () => kubelets(subjects)),
    locate("kube-dns", NO_PROBED_POD, () => neighbour(kubectl, "kube-system", { "k8s-app": "kube-dns" })),
    locate("argocd-server", NO_PROBED_POD, () => neighbour(kubectl, argocd, ARGOCD_SERVER)),
  ]);
  const named = [{ name: "metadata:80", host: "169.254.169.254", port: 80 }, ...world.shut];
  const destinations = [
    ...parts.flatMap(({ destinations }) => destinations),
    ...named.map(({ name, host, port }): Destination => ({
      name: name ?? `${host}:${port}`,
      place: { kind: "forbidden" },
      ...tcp,
      address: host,
      port,
    })),
  ];
  return {
    // Two flows to one port are one destination.
    destinations: [...new Map(destinations.map((to) => [to.name, to])).values()],
    gaps: parts.flatMap(({ gaps }) => gaps),
  };
}

/** Returns one part of the destinations. A refusal of kubectl becomes a failed result, and an empty part a skipped one. */
async function locate(name: string, none: string, find: () => Promise<Destination[]>): Promise<Surroundings> {
  let destinations: Destination[] = [];
  const result = await measure("network", name, async () => {
    destinations = await find();
    return destinations.length === 0 ? skip(none) : pass("");
  });
  return { destinations, gaps: result.status === "pass" ? [] : [result] };
}

/** Returns the pods' resolver, wherever it is. The UDP query is for a name of the cluster. */
function resolver(model: Model): Destination[] {
  const place = { kind: "dns" } as const;
  const question = dnsQuestion(serviceHost(workloadOf(model, "openclaw")));
  const common = { place, port: RESOLVER_PORT, address: "@resolver" };
  return [
    { name: "DNS by UDP", ...common, protocol: "UDP", payload: question },
    { name: "DNS by TCP", ...common, protocol: "TCP" },
  ];
}

/** Returns the ports that flows open to the internet, and a public resolver, which no flow may open: DNS could leak secrets. */
function publicPlaces(flows: readonly Flow[], address: string | undefined): Destination[] {
  if (address === undefined) return [];
  const place = { kind: "internet" } as const;
  const own = address === PUBLIC_ADDRESS;
  const open = flows.flatMap(({ to, ports }) => to.kind === "internet" ? ports : [])
    // QUIC does not answer a stray packet; the tunnel's readiness shows whether it works.
    .filter(({ protocol }) => protocol === "TCP").map(({ port }) => port);
  const known = own ? { listens: "a public resolver answers there" } : {};
  return [
    ...[...new Set(open)].map((port): Destination => ({
      name: `internet:${port}`,
      place,
      ...tcp,
      port,
      address: own && port === EDGE.port ? EDGE.host : address,
    })),
    { name: "internet:53", place, ...tcp, port: RESOLVER_PORT, address, ...known },
    {
      name: "internet:53 by UDP",
      place,
      protocol: "UDP",
      port: RESOLVER_PORT,
      address,
      payload: dnsQuestion("example.com"),
      ...known,
    },
  ];
}

/** Returns the UDP flows other than DNS; dialling cannot show whether they are open. */
function untestableFlows(flows: readonly Flow[]): string[] {
  return flows.flatMap(({ from, to, ports }) => {
    if (to.kind === "dns" || to.kind === "workload") return [];
    const name = to.kind === "internet" ? "internet" : nameOf(to.pods.namespace, to.pods.labels);
    return ports.filter(({ protocol }) => protocol === "UDP").map(({ port }) => `${from} -> ${name}:${port} by UDP`);
  });
}

function foreignPods(flows: readonly Flow[]) {
  return flows.flatMap(({ to, ports }) =>
    to.kind === "pods"
      ? ports.filter(({ protocol }) => protocol === "TCP").map(({ port }) => ({ ...to.pods, port }))
      : []
  );
}

/** Returns the API server at the address that every pod has for it. */
async function apiServer({ run }: Kubectl): Promise<Destination[]> {
  const address = await run([
    "get",
    "service",
    "kubernetes",
    "--namespace=default",
    "--output=jsonpath={.spec.clusterIP}",
  ]);
  return [{
    name: "API server:443",
    place: { kind: "forbidden" },
    ...tcp,
    port: 443,
    address: address.trim(),
    listens: "it answers this program",
  }];
}

/** Returns the kubelet of every node that a workload runs on. */
async function kubelets(subjects: readonly Subject[]): Promise<Destination[]> {
  const pods = (await Promise.all(subjects.map(({ pods }) => pods()))).flat();
  const nodes = new Map(pods.map(({ spec, status }) => [spec?.nodeName ?? "", status?.hostIP ?? ""]));
  return [...nodes].map(([node, address]): Destination => ({
    name: `kubelet of ${node}:10250`,
    place: { kind: "forbidden" },
    ...tcp,
    port: 10250,
    address,
    listens: "it runs the commands of this check",
  }));
}
