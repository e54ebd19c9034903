/**
 * The reachability table: every source against every place, with the state of each cell that the flows define and the state
 * that dialling finds.
 *
 * @module
 */

import type { Model } from "../../../src/model/model.ts";
import { type Destination, openedBy } from "../../../src/commands/verify/cells.ts";
import { dialAll, type DialTarget } from "./dials.ts";
import type { Machine } from "./machine.ts";
import { blockedNetworks, holds, LOOPBACK } from "./private_networks.ts";

/** A pod that dials. */
export interface Source {
  readonly name: string;
  /** Path of its network namespace in the machine. */
  readonly netns: string;
  readonly address: string;
  /** Name of its workload, or a name that no flow has. Undefined for a pod in a namespace without policies. */
  readonly as?: string;
  /** Set for a container of the gateway's docker daemon. It has the pod's flows, as far as the pod's firewall allows. */
  readonly sandbox?: true;
}

/** An address and port that is dialled. */
export interface Spot extends Destination {
  /** The network namespace in which the test starts a listener. Undefined if something already listens. */
  readonly planted?: string;
  /** Address and port that the policies see, if a Service translates them. */
  readonly seen?: { readonly address: string; readonly port: number };
  /** Set if only the sandbox dials it, because the address means something else to other pods. */
  readonly sandboxOnly?: true;
}

/** One cell. */
export interface Cell {
  readonly from: Source;
  readonly to: Spot;
  /** `source -> place`. */
  readonly name: string;
}

/** Returns all cells except those in which a pod dials itself, to which no policy applies. */
export function cellsOf(sources: readonly Source[], spots: readonly Spot[]): Cell[] {
  return sources.flatMap((from) =>
    spots
      .filter((to) => from.sandbox === true || (to.sandboxOnly !== true && !isOwn(from, to)))
      .map((to) => ({ from, to, name: `${from.name} -> ${to.name}` }))
  );
}

function isOwn(from: Source, { place, address }: Spot): boolean {
  return from.address === address || (place.kind === "workload" && place.workload === from.as);
}

/** The chains in which the firewall of the gateway's pod drops packets of its sandboxes. */
export const FIREWALL = ["INPUT", "FORWARD"] as const;
export type Chain = (typeof FIREWALL)[number];

/** Returns the chain in which that firewall blocks a cell; undefined if only policies apply. It allows the pod's resolver. */
export function shutIn(model: Model, { from, to }: Cell): Chain | undefined {
  if (from.sandbox !== true) return undefined;
  if (to.place.kind === "workload" && to.place.workload === from.as && to.seen === undefined) return "INPUT";
  const isResolver = to.place.kind === "dns" && to.seen !== undefined && to.port === 53;
  const isPrivate = [...blockedNetworks(model), LOOPBACK].some((cidr) => holds(cidr, `${to.address}/32`));
  return isPrivate && !isResolver ? "FORWARD" : undefined;
}

/** Returns whether a model's flows and internet ranges open a cell that the firewall does not block in these chains. */
export function opens(model: Model, { from, to, name }: Cell, firewall: readonly Chain[] = FIREWALL): boolean {
  const guarded = isGuarded(model, to);
  if (from.as === undefined) return !guarded;
  const chain = shutIn(model, { from, to, name });
  if (chain !== undefined && firewall.includes(chain)) return false;
  if (openedBy(model.flows, from.as, to) !== undefined) return true;
  const { address, port } = to.seen ?? to;
  return !guarded && model.flows.some((flow) =>
    flow.from === from.as && flow.to.kind === "internet" &&
    flow.ports.some((row) => row.protocol === to.protocol && row.port === port)
  ) && isInternet(model, address);
}

/** Returns whether our own policies control ingress to a spot. */
export function isGuarded({ workloads }: Model, { place }: Spot): boolean {
  return place.kind === "workload" ||
    (place.kind === "pod" && workloads.some(({ namespace }) => namespace === place.namespace));
}

/** Returns whether the `ipBlock`s of a flow to the internet contain an address. */
function isInternet({ internet }: Model, address: string): boolean {
  const isIn = (cidr: string) => holds(cidr, `${address}/32`);
  return internet.some(({ cidr, except }) => isIn(cidr) && !except.some(isIn));
}

/** Returns what a source must dial for some cells. The ID of each target is its index. */
export function targetsOf(cells: readonly Cell[]): DialTarget[] {
  return cells.map(({ to: { protocol, address: host, port, payload } }, id) => ({
    id,
    protocol,
    host,
    port,
    ...(payload === undefined ? {} : { payload }),
  }));
}

/** Dials all cells, and returns those that are open. */
export async function openCells(machine: Machine, cells: readonly Cell[]): Promise<Set<Cell>> {
  const rows = Map.groupBy(cells, ({ from }) => from);
  const open = await Promise.all([...rows].map(async ([{ netns }, row]) => {
    const outcomes = await dialAll(machine, netns, targetsOf(row));
    return row.filter((_, id) => outcomes.get(id) === true);
  }));
  return new Set(open.flat());
}

/** Returns the cells that differ from what is expected, each with its actual state. */
export function wrong(cells: readonly Cell[], open: ReadonlySet<Cell>, expected: (cell: Cell) => boolean): string[] {
  return cells.filter((cell) => open.has(cell) !== expected(cell)).map((cell) =>
    `${cell.name}: expected ${expected(cell) ? "open, was shut" : "shut, was open"}`
  );
}

/** Repeats {@linkcode openCells} until the result is as expected, since the policy engine may lag. Returns the last result. */
export async function openOnceSettled(
  machine: Machine,
  cells: readonly Cell[],
  expected: (cell: Cell) => boolean,
  timeoutMs = 20_000,
): Promise<Set<Cell>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const open = await openCells(machine, cells);
    if (wrong(cells, open, expected).length === 0 || Date.now() > end) return open;
  }
}
