/**
 * Starts listeners in the networks of pods, of the node and of the internet.
 *
 * @module
 */

import { runOrThrow } from "../tools.ts";
import { execPiped } from "../runtime/container.ts";
import { built } from "./build.ts";
import type { Machine } from "./machine.ts";
import { WORLD_NETNS } from "./pod_networks.ts";
import type { Spot } from "./reach_table.ts";

/** Listeners that already run, by machine. */
const done = new WeakMap<Machine, Set<string>>();

/** Starts a listener on every spot on which nothing listens. Listeners run until the cluster ends. */
export async function plant(machine: Machine, spots: readonly Spot[]): Promise<void> {
  const [command = "", ...enter] = machine.enter;
  const addresses = [...new Set(spots.filter(({ planted }) => planted === WORLD_NETNS).map(({ address }) => address))];
  const batch = addresses.map((address) => `address replace ${address}/32 dev lo`).join("\n");
  const { code, stderr } = await execPiped(command, [...enter, "ip", "-n", "world", "-batch", "-"], { stdin: batch });
  if (code !== 0) throw new Error(`the addresses of the internet: ${stderr}`);
  // Lifts the rate limit of ICMP, so that each blocked connection is refused immediately instead of timing out.
  const limits = ["net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_msgs_per_sec=1000000", "net.ipv4.icmp_msgs_burst=100000"];
  await runOrThrow(command, [...enter, "sysctl", "--quiet", "--write", ...limits]);
  const probe = await built("probe");
  const before = done.get(machine) ?? new Set();
  done.set(machine, before);
  const wanted = spots.filter(({ planted }) => planted !== undefined);
  for (const [netns = "", own] of Map.groupBy(wanted, ({ planted }) => planted)) {
    const listen = own.map(({ protocol, address, port }) => `${protocol.toLowerCase()}/${address}:${port}`)
      .filter((address) => !before.has(`${netns} ${address}`));
    if (listen.length === 0) continue;
    for (const address of listen) before.add(`${netns} ${address}`);
    machine.start(`planted${netns.replaceAll("/", "-")}`, [
      "nsenter",
      `--net=${netns}`,
      probe,
      "serve",
      "here",
      ...listen,
    ]);
  }
}
