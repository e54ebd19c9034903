/**
 * Networks in CIDR notation, parsed with ipaddr.js.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/** An IPv4 or IPv6 network; its address has no host bits. */
export interface Network {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  /** Length of the prefix in bits. */
  readonly prefix: number;
}

/** Returns the network that contains `text`, or undefined if the text is not a CIDR. */
export function parseCidr(text: string): Network | undefined {
  // ipaddr.js accepts short forms such as 10.1/16, which Kubernetes refuses.
  if (/^[0-9.]+\//.test(text) && !/^\d+(\.\d+){3}\//.test(text)) return undefined;
  if (!ipaddr.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.parseCIDR(text);
  const base = address.kind() === "ipv4"
    ? ipaddr.IPv4.networkAddressFromCIDR(text)
    : ipaddr.IPv6.networkAddressFromCIDR(text);
  return { address: base, prefix };
}

/** Returns the canonical form of RFC 5952. */
export function formatCidr({ address, prefix }: Network): string {
  return `${address.toString()}/${prefix}`;
}

/** Returns whether all of `inner` is in `outer`. */
export function contains(outer: Network, inner: Network): boolean {
  return outer.address.kind() === inner.address.kind() &&
    inner.prefix >= outer.prefix &&
    inner.address.match(outer.address, outer.prefix);
}
