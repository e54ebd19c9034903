/**
 * The network that pods of a test share: a bridge with the test process on one side and a network namespace for each pod on the
 * other. Nothing is routed out of it. Services go by name through the pods' hosts files.
 *
 * @module
 */

import { exec, must } from "../tools.ts";
import { type Scratch, scratch } from "./scratch.ts";

/** A network. */
export interface Network extends AsyncDisposable {
  /** Address of the test process, where a stub can listen. */
  readonly host: string;
  /** A public address of the test process: somewhere in the internet, as far as the pods can tell. */
  readonly world: string;
  /** Makes a pod's network namespace; gives its address. */
  addPod(name: string): Promise<string>;
  /** Tells each pod, now and later, where a name leads. */
  addNames(address: string, names: readonly string[]): Promise<void>;
  /** Keeps a pod's hosts file up to date. */
  addHostsFile(path: string, own: string): Promise<void>;
  /** Takes an ended pod's names away, so that the next one with them is found. */
  forget(address: string): Promise<void>;
}

/** Makes one, in a range that no interface of the machine uses. */
export async function network(): Promise<Network> {
  const own = await scratch();
  try {
    return await build(own);
  } catch (error) {
    await own[Symbol.asyncDispose]();
    throw error;
  }
}

async function build(own: Scratch): Promise<Network> {
  await must("ip", ["link", "add", own.name, "type", "bridge"]);
  const prefix = await claimRange(own.name);
  // RFC 5737's second block, which is nobody's.
  const world = prefix.replace(/.*\./, "198.51.100.");
  await must("ip", ["address", "add", `${world}/32`, "dev", own.name]);
  await must("ip", ["link", "set", own.name, "up"]);
  let last = 1;
  let lines: string[] = [];
  const files = new Map<string, string>();
  const write = async () => {
    for (const [path, first] of files) {
      const text = ["127.0.0.1 localhost", "::1 localhost", first, ...lines, ""].join("\n");
      // The folder of a pod that has ended is gone.
      await Deno.writeTextFile(path, text).catch(() => files.delete(path));
    }
  };
  return {
    host: `${prefix}.1`,
    world,
    addPod: async (name) => {
      const address = `${prefix}.${++last}`;
      const outside = `${name}v`;
      await must("ip", ["netns", "add", name]);
      await must("ip", ["link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name]);
      await must("ip", ["link", "set", outside, "master", own.name, "up"]);
      await must("ip", ["-n", name, "address", "add", `${address}/24`, "dev", "eth0"]);
      for (const device of ["lo", "eth0"]) await must("ip", ["-n", name, "link", "set", device, "up"]);
      await must("ip", ["-n", name, "route", "add", `${world}/32`, "dev", "eth0"]);
      return address;
    },
    addNames: async (address, names) => {
      if (names.length > 0) lines.push(`${address} ${names.join(" ")}`);
      await write();
    },
    addHostsFile: async (path, first) => {
      files.set(path, first);
      await write();
    },
    forget: async (address) => {
      const others = (line: string) => !line.startsWith(`${address} `);
      lines = lines.filter(others);
      for (const [path, first] of files) if (!others(first)) files.delete(path);
      await write();
    },
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}

/** Takes a free range, looked for from another place by each process; who meets another one in it moves on. */
async function claimRange(bridge: string): Promise<string> {
  for (let step = 0; step < 256; step++) {
    const prefix = `10.213.${(Deno.pid + step) % 256}`;
    const inUse = async () => (await must("ip", ["-4", "-oneline", "address"])).stdout.split(`${prefix}.`).length - 1;
    if (await inUse() > 0) continue;
    await must("ip", ["address", "add", `${prefix}.1/24`, "dev", bridge]);
    // Its own line names the range once; a second one is another test's.
    if (await inUse() === 1) return prefix;
    await exec("ip", ["address", "flush", "dev", bridge]);
  }
  throw new Error("no free range of addresses in 10.213.0.0/16");
}
