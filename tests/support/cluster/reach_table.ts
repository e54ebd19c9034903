/**
 * The reachability table: every source against every place, what the flows want of each cell, and what dialling finds.
 *
 * @module
 */

import type { Model } from "../../../src/model/model.ts";
import { type Destination, openedBy } from "../../../src/commands/verify/cells.ts";
import { dialAll, type DialTarget } from "./dials.ts";
import type { Machine } from "./machine.ts";
import { blockedNetworks, holds, LOOPBACK } from "./private_networks.ts";

/** Who dials. */
export interface Source {
  readonly name: string;
  /** Path of its network namespace, within the machine. */
  readonly netns: string;
  readonly address: string;
  /** A workload's name, or one that no flow knows; undefined for a pod in a namespace without policies. */
  readonly as?: string;
  /** Whether it is a container of the gateway's docker daemon: it has the pod's flows, as far as the pod's firewall lets it out. */
  readonly sandbox?: true;
}

/** Who is dialled, on one port. */
export interface Spot extends Destination {
  /** The network in which the test puts somebody who answers; undefined where somebody does already. */
  readonly planted?: string;
  /** What the policies see, where a Service translates. */
  readonly seen?: { readonly address: string; readonly port: number };
  /** For the sandbox alone: an address that others take for another. */
  readonly sandboxOnly?: true;
}

/** One cell. */
export interface Cell {
  readonly from: Source;
  readonly to: Spot;
  /** `source -> place`. */
  readonly name: string;
}

/** All cells but those in which a pod dials itself: no policy is asked there. */
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

/** The chains in which the firewall of the gateway's pod drops what comes from its sandboxes. */
export const FIREWALL = ["INPUT", "FORWARD"] as const;
export type Chain = (typeof FIREWALL)[number];

/** Where that firewall shuts a cell; undefined where it leaves it to the policies. Only a resolver of the pod is spared. */
export function shutIn(model: Model, { from, to }: Cell): Chain | undefined {
  if (from.sandbox !== true) return undefined;
  if (to.place.kind === "workload" && to.place.workload === from.as && to.seen === undefined) return "INPUT";
  const isResolver = to.place.kind === "dns" && to.seen !== undefined && to.port === 53;
  const isPrivate = [...blockedNetworks(model), LOOPBACK].some((cidr) => holds(cidr, `${to.address}/32`));
  return isPrivate && !isResolver ? "FORWARD" : undefined;
}

/** Whether a model's flows, and its idea of the internet, open a cell that the firewall does not shut in these chains. */
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

/** Whether policies of ours say who may come in. */
export function isGuarded({ workloads }: Model, { place }: Spot): boolean {
  return place.kind === "workload" ||
    (place.kind === "pod" && workloads.some(({ namespace }) => namespace === place.namespace));
}

/** Whether the `ipBlock`s of a flow to the internet hold an address. */
function isInternet({ internet }: Model, address: string): boolean {
  const lies = (cidr: string) => holds(cidr, `${address}/32`);
  return internet.some(({ cidr, except }) => lies(cidr) && !except.some(lies));
}

/** What a source has to dial for some cells; the id of each is its place among them. */
export function targetsOf(cells: readonly Cell[]): DialTarget[] {
  return cells.map(({ to: { protocol, address: host, port, payload } }, id) => ({
    id,
    protocol,
    host,
    port,
    ...(payload === undefined ? {} : { payload }),
  }));
}

/** Dials all cells, and gives those that are open. */
export async function openCells(machine: Machine, cells: readonly Cell[]): Promise<Set<Cell>> {
  const rows = Map.groupBy(cells, ({ from }) => from);
  const open = await Promise.all([...rows].map(async ([{ netns }, row]) => {
    const outcomes = await dialAll(machine, netns, targetsOf(row));
    return row.filter((_, id) => outcomes.get(id) === true);
  }));
  return new Set(open.flat());
}

/** The cells that are not as they should be, each with what it is: the table's whole judgement. */
export function wrong(cells: readonly Cell[], open: ReadonlySet<Cell>, expected: (cell: Cell) => boolean): string[] {
  return cells.filter((cell) => open.has(cell) !== expected(cell)).map((cell) =>
    `${cell.name}: expected ${expected(cell) ? "open, was shut" : "shut, was open"}`
  );
}

/** {@linkcode openCells} once they are as expected: the policy engine may be a moment behind. After a time, what they still are. */
export async function openAtLast(
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
