/**
 * What the connectivity test dials: every place that a flow opens, and those that must be shut to everybody.
 *
 * @module
 */

import type { Flow, Port } from "../../model/flows.ts";

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

/** A question to a resolver by UDP: the A record of a name, as one packet in hexadecimal digits (RFC 1035, 4.1). */
export function dnsQuestion(name: string): string {
  const labels = name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  const header = [0x0c, 0x1a, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return new Uint8Array([...header, ...labels, 0, 0, 1, 0, 1]).toHex();
}
