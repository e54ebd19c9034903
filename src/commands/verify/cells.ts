/**
 * The connectivity table: each workload against each destination, and what came of dialling.
 *
 * @module
 */

import type { Flow } from "../../model/flows.ts";
import { fail, type Finding, pass, skip } from "./check.ts";
import { type Destination, openedBy } from "./destinations.ts";
import type { Target } from "./inside.ts";

/** Pods in the namespace that are no workload's: what any other pod would be allowed. */
export const STRANGER = "any other pod";

/** One cell of the table. */
export interface Cell {
  /** A workload, or {@linkcode STRANGER}. */
  readonly from: string;
  readonly to: Destination;
  /** The flow that opens it; without one it must be shut. */
  readonly flow?: Flow;
  /** A workload's own port: inside a pod no policy is asked, so it tells only whether something listens. */
  readonly own: boolean;
}

/** A cell with what came of each try. */
export interface Dialled extends Cell {
  readonly tries: readonly string[];
}

/** The row of one workload, its own ports among them. */
export function cellsFrom(flows: readonly Flow[], from: string, destinations: readonly Destination[]): Cell[] {
  return destinations.map((to): Cell => {
    const flow = openedBy(flows, from, to);
    const own = to.place.kind === "workload" && to.place.workload === from;
    return { from, to, own, ...(flow === undefined ? {} : { flow }) };
  });
}

/** How a cell is dialled; its place in the list is its id. */
export function targetOf({ to, flow }: Cell, id: number): Target {
  const { protocol, port, payload } = to;
  const host = flow === undefined ? to.address : to.host ?? to.address;
  return { id, protocol, host, port, ...(payload === undefined ? {} : { payload }) };
}

/** As the table shows it. */
export function subjectOf({ from, to }: Cell): string {
  return `${from} -> ${to.name}`;
}

/** Returns whether a cell is as the flows require, given what is known of the other end. */
export function isAsWanted({ flow, own, tries }: Dialled): boolean {
  return own || (flow !== undefined) === tries.includes("open");
}

/**
 * What a cell's tries mean. A port that must be shut and gives no answer proves something only when something listens there: the
 * cluster says so, or it answered another workload in this run.
 */
export function judge(cell: Dialled, all: readonly Dialled[]): Finding {
  const { to, flow, tries } = cell;
  const how = tell(tries);
  if (flow !== undefined) {
    return tries.includes("open") ? pass(`open: ${flow.why}`) : fail(`${how}, but a flow allows it: ${flow.why}`);
  }
  if (tries.includes("open")) return fail("open, and no flow allows it");
  if (tries.includes("ENOTFOUND")) return skip(`${to.address} could not be resolved, so it was not dialled`);
  const listens = to.listens ?? answered(cell, all);
  return listens === undefined
    ? skip(`nothing answered (${how}), and it is not known whether anything listens there`)
    : pass(`shut (${how}): ${listens}`);
}

function answered({ to }: Dialled, all: readonly Dialled[]): string | undefined {
  const other = all.find((cell) => cell.to === to && cell.tries.includes("open"));
  return other === undefined ? undefined : `it answered ${other.from} just now`;
}

const WORDS: Readonly<Record<string, string>> = {
  timeout: "no answer in 3 s",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EPERM: "not permitted",
  EACCES: "not permitted",
  ENOTFOUND: "its name is unknown",
};

/** What came of the tries, in words. */
export function tell(tries: readonly string[]): string {
  return [...new Set(tries)].map((outcome) => WORDS[outcome] ?? outcome).join(", then ");
}
