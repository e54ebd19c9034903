/**
 * The networks that the docker backend's sandboxes may not reach, as the list that `firewall.sh` reads.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import { privateNetworks } from "../../model/internet.ts";
import { HEADER } from "../../output/file.ts";

/** Returns the list's text: one CIDR of either family per line. The script ignores comments. */
export function privateNetworksList(config: PackConfig): string {
  return [`# ${HEADER}`, ...privateNetworks(config), ""].join("\n");
}
