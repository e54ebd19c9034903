/**
 * Watches a rollout: dials to and from the new pod as soon as it has a network.
 *
 * @module
 */

import type { Model } from "../../../src/model/model.ts";
import { workloadOf } from "../../../src/model/model.ts";
import { built } from "./build.ts";
import type { OwnCluster } from "./cluster.ts";
import { type Watched, watchFrom } from "./dials.ts";
import { rolledOut, until } from "./kubectl.ts";
import { type PodNetwork, podNetworks } from "./pod_networks.ts";
import { type Cell, cellsOf, opens, type Source, type Spot, targetsOf } from "./reach_table.ts";
import type { WorkloadName } from "../../../src/tables/workloads.ts";

/** A port of the new pod that no flow opens. The test listens on it from the start. */
const PLANTED_PORT = 9999;

/** What was observed of one connection. Times are in milliseconds since the new pod had its network. */
export interface Connection {
  readonly name: string;
  readonly wanted: boolean;
  /** Each change of its state, with the time. */
  readonly states: readonly { readonly at: number; readonly open: boolean }[];
  readonly count: number;
}

/** What was observed of a rollout. */
export interface Rollout {
  /** Connections that do not involve the replaced pods. */
  readonly others: readonly Connection[];
  /** Connections from and to the new pod. */
  readonly own: readonly Connection[];
  /** Connections to its Service, which leads to the old pod at first and to the new one in the end. */
  readonly handover: readonly Connection[];
  /** When the new pod became Ready, rounded down to a second, as in the API. */
  readonly ready: number;
}

/** What is rolled out, and which connections are watched. */
export interface RolloutOptions {
  readonly name: WorkloadName;
  /** Starts the rollout, and may wait for its end. */
  readonly begin: () => Promise<unknown>;
  /** Pods that dial the new pod and the spots. The new pod also dials the spots. */
  readonly sources: readonly Source[];
  readonly spots: readonly Spot[];
}

/** Watches a rollout from before its start to its end. */
export async function watchRollout(
  cluster: OwnCluster,
  model: Model,
  { name, begin, sources, spots }: RolloutOptions,
): Promise<Rollout> {
  const { machine } = cluster;
  const { namespace } = workloadOf(model, name);
  await using stack = new AsyncDisposableStack();
  const watch = async (cells: readonly Cell[]) => {
    const [first] = cells;
    if (first === undefined) return () => Promise.resolve([]);
    const watching = stack.use(await watchFrom(machine, first.from.netns, targetsOf(cells)));
    return async () => connectionsOf(model, cells, await watching.stop());
  };
  const isIts = ({ place }: Spot) => place.kind === "workload" && place.workload === name;
  const untouched = spots.filter((spot) => !isIts(spot));
  const itsServices = spots.filter((spot) => isIts(spot) && spot.seen !== undefined);

  const old = await podNetworks(machine);
  const others = await Promise.all(sources.map((source) => watch(cellsOf([source], untouched))));
  const begun = begin();
  const failure = new Promise<never>((_, reject) => begun.catch(reject));
  const isNew = (network: PodNetwork) =>
    network.namespace === namespace && network.pod.startsWith(`${name}-`) &&
    !old.some(({ netns }) => netns === network.netns);
  const appeared = until(`a new pod of ${name}`, async () => (await podNetworks(machine)).find(isNew), {
    timeoutMs: 180_000,
    everyMs: 10,
  });
  const fresh = await Promise.race([appeared, failure]);
  const since = Date.now();
  const source: Source = { name: `new ${name}`, as: name, ...fresh };
  const listen = `tcp/${fresh.address}:${PLANTED_PORT}`;
  machine.start(`planted-${fresh.pod}`, [
    "nsenter",
    `--net=${fresh.netns}`,
    await built("probe"),
    "serve",
    "here",
    listen,
  ]);
  const into: Spot = {
    name: `new ${name}:${PLANTED_PORT}`,
    place: { kind: "workload", workload: name },
    protocol: "TCP",
    port: PLANTED_PORT,
    address: fresh.address,
  };
  const own = await Promise.all([
    watch(cellsOf([source], untouched)),
    ...sources.map((from) => watch(cellsOf([from], [into]))),
  ]);
  const services = await Promise.all(sources.map((from) => watch(cellsOf([from], itsServices))));
  await begun;
  await rolledOut(cluster, namespace, name);
  const { status } = await cluster.get("pod", "-n", namespace, fresh.pod);
  const condition = status.conditions.find(({ type }: { type: string }) => type === "Ready");
  const gone = old.filter((network) => network.namespace === namespace && network.pod.startsWith(`${name}-`));
  for (const { pod } of gone) {
    await cluster.run(["-n", namespace, "wait", "--for=delete", `pod/${pod}`, "--timeout=60s"]);
  }
  const stopped = async (stops: readonly (() => Promise<Connection[]>)[]) => {
    const connections = (await Promise.all(stops.map((stop) => stop()))).flat();
    return connections.map((connection) => ({
      ...connection,
      states: connection.states.map(({ at, open }) => ({ at: at - since, open })),
    }));
  };
  return {
    others: await stopped(others),
    own: await stopped(own),
    handover: await stopped(services),
    ready: Date.parse(condition.lastTransitionTime) - since,
  };
}

function connectionsOf(model: Model, cells: readonly Cell[], { changes, counts }: Watched): Connection[] {
  return cells.map((cell, id) => ({
    name: cell.name,
    wanted: opens(model, cell),
    states: changes.filter((change) => change.id === id),
    count: counts.get(id) ?? 0,
  }));
}

/** Returns connections whose state was wrong at any moment after `since`. */
export function wrongSince(connections: readonly Connection[], since = -Infinity): string[] {
  return connections.flatMap(({ name, wanted, states, count }) => {
    const end = (index: number) => states[index + 1]?.at ?? Infinity;
    const seen = states.some(({ open }, index) => open !== wanted && end(index) > since);
    return seen || count === 0 ? [`${name}: expected ${wanted ? "open, was shut" : "shut, was open"}`] : [];
  });
}

/** Describes when a connection was shut, in milliseconds since the new pod had its network. */
export function shutTimes({ states }: Connection): string {
  const times = states.flatMap(({ at, open }, index) => open ? [] : [`${at}-${states[index + 1]?.at ?? "end"}`]);
  return times.length === 0 ? "never" : times.join(", ");
}

/** Returns the last moment at which any connection's state was wrong; 0 if none ever was. */
export function wrongUntil(connections: readonly Connection[]): number {
  return Math.max(
    0,
    ...connections.flatMap(({ wanted, states }) =>
      states.flatMap(({ open }, index) => open === wanted ? [] : [states[index + 1]?.at ?? Infinity])
    ),
  );
}
