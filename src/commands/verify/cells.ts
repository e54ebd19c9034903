/**
 * The connectivity table: each workload against each destination. Destinations are all that a flow opens, and some that must be
 * closed to every pod.
 *
 * @module
 */

import type { Flow, Port } from "../../model/flows.ts";
import type { DialTarget } from "./inside.ts";
import { fail, type Finding, pass, skip } from "./results.ts";

/** Where a destination is, which determines the flows that open it. */
export type Place =
  | { readonly kind: "workload"; readonly workload: string }
  | { readonly kind: "pod"; readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: "dns" }
  | { readonly kind: "internet" }
  /** No flow may open it: the cluster's own components, and private addresses. */
  | { readonly kind: "forbidden" };

/** One port of one place. */
export interface Destination {
  /** Its name in the table, such as `litellm:4000`. */
  readonly name: string;
  readonly place: Place;
  readonly protocol: Port["protocol"];
  readonly port: number;
  /** Address to dial if it must be closed. It is no name, because an unresolved name would make an open port look closed. */
  readonly address: string;
  /** Host to dial if it must be open: the name that the workload itself uses. Default: the address. */
  readonly host?: string;
  /** Evidence that something listens there; undefined if there is none. */
  readonly listens?: string;
  /** Bytes to send by UDP, in hexadecimal. */
  readonly payload?: string;
}

/** Returns the flow that opens a destination to a workload, if there is one. */
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

/** Any pod of the namespace without the labels of a workload. */
export const UNLABELLED_POD = "any other pod";

/** One cell of the table. */
export interface Cell {
  /** A workload, or {@linkcode UNLABELLED_POD}. */
  readonly from: string;
  readonly to: Destination;
  /** The flow that opens it; without a flow it must be closed. */
  readonly flow?: Flow;
  /** Whether it is the workload's own port. No policy applies inside a pod, so it only shows whether something listens. */
  readonly own: boolean;
}

/** A cell with the outcome of each attempt. */
export interface TriedCell extends Cell {
  readonly tries: readonly string[];
}

/** Returns the cells of one workload, including those of its own ports. */
export function cellsFrom(flows: readonly Flow[], from: string, destinations: readonly Destination[]): Cell[] {
  return destinations.map((to): Cell => {
    const flow = openedBy(flows, from, to);
    const own = to.place.kind === "workload" && to.place.workload === from;
    return { from, to, own, ...(flow === undefined ? {} : { flow }) };
  });
}

/** Returns how to dial a cell; its index is its ID. */
export function targetOf({ to, flow }: Cell, id: number): DialTarget {
  const { protocol, port, payload } = to;
  const host = flow === undefined ? to.address : to.host ?? to.address;
  return { id, protocol, host, port, ...(payload === undefined ? {} : { payload }) };
}

/** Returns the name of a cell in the table. */
export function subjectOf({ from, to }: Cell): string {
  return `${from} -> ${to.name}`;
}

/** Returns whether a cell is as the flows require, given what is known of the other end. */
export function isAsExpected({ flow, own, tries }: TriedCell): boolean {
  return own || (flow !== undefined) === tries.includes("open");
}

/**
 * Returns the finding of a cell. Silence at a port that must be closed proves something only if something listens there: either
 * the cluster shows it, or the port answered another workload in this run.
 */
export function findingOf(cell: TriedCell, all: readonly TriedCell[]): Finding {
  const { to, flow, tries } = cell;
  const how = describe(tries);
  if (flow !== undefined) {
    return tries.includes("open") ? pass(`open: ${flow.why}`) : fail(`${how}, but a flow allows it: ${flow.why}`);
  }
  if (tries.includes("open")) return fail("open, and no flow allows it");
  if (tries.includes("ENOTFOUND")) return skip(`${to.address} could not be resolved, so no connection was tried`);
  const listens = to.listens ?? answered(cell, all);
  return listens === undefined
    ? skip(`nothing answered (${how}), and it is not known whether anything listens there`)
    : pass(`shut (${how}): ${listens}`);
}

function answered({ to }: TriedCell, all: readonly TriedCell[]): string | undefined {
  const other = all.find((cell) => cell.to === to && cell.tries.includes("open"));
  return other === undefined ? undefined : `it answered ${other.from} just now`;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  timeout: "no answer in 3 s",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EPERM: "not permitted",
  EACCES: "not permitted",
  ENOTFOUND: "name not resolved",
};

/** Describes the outcomes of the attempts. */
export function describe(tries: readonly string[]): string {
  return [...new Set(tries)].map((outcome) => OUTCOMES[outcome] ?? outcome).join(", then ");
}

/** Returns a DNS query for the A record of a name, as the hexadecimal bytes of a UDP packet (RFC 1035, 4.1). */
export function dnsQuestion(name: string): string {
  const labels = name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  const header = [0x0c, 0x1a, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return new Uint8Array([...header, ...labels, 0, 0, 1, 0, 1]).toHex();
}
