/**
 * Networks that no flow to the internet may reach, and the addresses at their edges.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import { contains, parseCidr } from "../../../src/values/cidr.ts";
import type { Model } from "../../../src/model/model.ts";

/** Networks that must always be blocked (requirement B9). Listed here independently of the model. A configuration adds more. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"];
/** Cannot be dialled over a network. */
export const LOOPBACK = "127.0.0.0/8";

/** Returns every network that must be blocked, each once and none inside a private one. */
export function blockedNetworks({ config: { cluster } }: Model): string[] {
  const further = [...cluster.podCidrs, ...cluster.serviceCidrs, ...cluster.blockedCidrs].filter((cidr) =>
    !cidr.includes(":") && !PRIVATE.some((wide) => holds(wide, cidr))
  );
  return [...PRIVATE, ...new Set(further)];
}

/** Returns networks that the model excludes from the internet and that have no cell in the table. */
export function withoutCells(model: Model): string[] {
  const tried = [...blockedNetworks(model), LOOPBACK];
  return model.internet.filter(({ cidr }) => cidr === "0.0.0.0/0").flatMap(({ except }) => except)
    .filter((cidr) => !tried.some((wide) => holds(wide, cidr)));
}

/** Returns whether a network contains another. */
export function holds(outer: string, inner: string): boolean {
  const [wide, narrow] = [parseCidr(outer), parseCidr(inner)];
  return wide !== undefined && narrow !== undefined && contains(wide, narrow);
}

/** Returns the first and last address of a network, and their neighbours outside. */
export function borders(cidr: string): { readonly inside: readonly string[]; readonly outside: readonly string[] } {
  const first = number(ipaddr.IPv4.networkAddressFromCIDR(cidr));
  const last = number(ipaddr.IPv4.broadcastAddressFromCIDR(cidr));
  return { inside: [first, last].map(dotted), outside: [first - 1, last + 1].map(dotted) };
}

function number(address: ipaddr.IPv4): number {
  return address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
