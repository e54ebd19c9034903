/**
 * Defines "the internet" once for every policy.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import { contains, formatCidr, type Network, parseCidr } from "../values/cidr.ts";

/** A block of addresses without some of its parts, as in a NetworkPolicy's `ipBlock`. */
export interface IpBlock {
  /** The block, such as `0.0.0.0/0`. */
  readonly cidr: string;
  /** Parts of it that are excluded. */
  readonly except: readonly string[];
}

/** Ranges that are never public. */
const NOT_PUBLIC = [
  "10.0.0.0/8", // RFC 1918
  "172.16.0.0/12", // RFC 1918
  "192.168.0.0/16", // RFC 1918
  "169.254.0.0/16", // link-local, including the metadata services of clouds
  "100.64.0.0/10", // RFC 6598, carrier-grade NAT; some clusters use it for pods
  "127.0.0.0/8", // loopback
  "fc00::/7", // RFC 4193, unique local
  "fe80::/10", // link-local
  "64:ff9b::/96", // RFC 6052, NAT64: IPv4 addresses, including private ones, behind IPv6
  "64:ff9b:1::/48", // RFC 8215, NAT64 for local use
] as const;

/**
 * Returns everything except {@linkcode privateNetworks}. IPv4-mapped IPv6 (::ffff:0:0/96) is not listed, because Kubernetes
 * refuses it in an ipBlock, and the policy engine treats a packet with a mapped address as an IPv4 packet.
 */
export function internet(config: PackConfig): IpBlock[] {
  const blocked = privateNetworks(config);
  return ["0.0.0.0/0", "::/0"].map((cidr) => {
    const except = blocked.filter((network) => network.includes(":") === cidr.includes(":"));
    return { cidr, except };
    // Kubernetes requires an exception to be smaller than its block, so a block that is entirely excluded (no IPv6) is omitted.
  }).filter(({ cidr, except }) => !except.includes(cidr));
}

/**
 * Returns the networks that are not the internet: {@linkcode NOT_PUBLIC} and those that pack.yaml names, IPv4 first, as CIDRs
 * that do not contain each other. Both families are always present.
 */
export function privateNetworks({ cluster }: PackConfig): string[] {
  const blocked = [...NOT_PUBLIC, ...cluster.podCidrs, ...cluster.serviceCidrs, ...cluster.blockedCidrs]
    .map(parseCidr)
    .filter((network) => network !== undefined);
  return (["ipv4", "ipv6"] as const).flatMap((kind) =>
    widest(blocked.filter(({ address }) => address.kind() === kind)).map(formatCidr)
  );
}

/** Returns the networks that no other network contains, each once. */
function widest(networks: readonly Network[]): Network[] {
  return networks.filter((network, index) =>
    !networks.some((other, place) =>
      place !== index && contains(other, network) && (!contains(network, other) || place < index)
    )
  );
}
