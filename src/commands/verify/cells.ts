/**
 * The connectivity table: the places that the test dials, each workload against each of them, and what came of dialling. Dialled is
 * every place that a flow opens, and those that must be shut to everyone.
 *
 * @module
 */

import type { Flow, Port } from "../../model/flows.ts";
import type { DialTarget } from "./inside.ts";
import { fail, type Finding, pass, skip } from "./results.ts";

/** Which flows lead to a destination. */
export type Place =
  | { readonly kind: "workload"; readonly workload: string }
  | { readonly kind: "pod"; readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: "dns" }
  | { readonly kind: "internet" }
  /** No flow ever does: the cluster's own parts, and private addresses. */
  | { readonly kind: "forbidden" };

/** One port of one place. */
export interface Destination {
  /** As the table shows it, such as `litellm:4000`. */
  readonly name: string;
  readonly place: Place;
  readonly protocol: Port["protocol"];
  readonly port: number;
  /** Where it is dialled when it must be shut: an address, so that no resolver can make an open port look shut. */
  readonly address: string;
  /** Where it is dialled when it must be open: the name that the workload itself uses. The address when left out. */
  readonly host?: string;
  /** How it is known that something listens there; undefined when it is not. */
  readonly listens?: string;
  /** What to send by UDP, in hexadecimal digits. */
  readonly payload?: string;
}

/** The flow that opens a destination to a workload, if one does. */
export function openedBy(flows: readonly Flow[], from: string, to: Destination): Flow | undefined {
  return flows.find((flow) =>
    flow.from === from && leadsTo(flow, to.place) &&
    flow.ports.some(({ protocol, port }) => protocol === to.protocol && port === to.port)
  );
}

function leadsTo({ to }: Flow, place: Place): boolean {
  switch (place.kind) {
    case "workload":
      return to.kind === "workload" && to.workload === place.workload;
    case "pod":
      return to.kind === "pods" && to.pods.namespace === place.namespace &&
        Object.entries(to.pods.labels).every(([key, value]) => place.labels[key] === value);
    case "dns":
    case "internet":
      return to.kind === place.kind;
    case "forbidden":
      return false;
  }
}

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
export function targetOf({ to, flow }: Cell, id: number): DialTarget {
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
export function findingOf(cell: Dialled, all: readonly Dialled[]): Finding {
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

/** A question to a resolver by UDP: the A record of a name, as one packet in hexadecimal digits (RFC 1035, 4.1). */
export function dnsQuestion(name: string): string {
  const labels = name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  const header = [0x0c, 0x1a, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return new Uint8Array([...header, ...labels, 0, 0, 1, 0, 1]).toHex();
}
