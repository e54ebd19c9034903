/**
 * The network of a test's pods: a bridge between the test process and a network namespace for each pod. Nothing is routed out
 * of it. The pods' hosts files resolve Services.
 *
 * @module
 */

import { exec, runOrThrow } from "../tools.ts";
import { type Scratch, scratch } from "./scratch.ts";

/** A network. */
export interface Network extends AsyncDisposable {
  /** The address of the test process, on which a stub can listen. */
  readonly host: string;
  /** A public address of the test process, which the pods treat as the internet. */
  readonly world: string;
  /** Creates a pod's network namespace and returns its address. */
  addPod(name: string): Promise<string>;
  /** Adds a name to the hosts files of all current and future pods. */
  addNames(address: string, names: readonly string[]): Promise<void>;
  /** Keeps a pod's hosts file up to date. */
  addHostsFile(path: string, own: string): Promise<void>;
  /** Removes an ended pod's names, so that the next pod can use them. */
  forget(address: string): Promise<void>;
}

/** Creates a network, in a range that no interface of the machine uses. */
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
  await runOrThrow("ip", ["link", "add", own.name, "type", "bridge"]);
  const prefix = await claimRange(own.name);
  // From RFC 5737's second block, which is reserved for documentation.
  const world = prefix.replace(/.*\./, "198.51.100.");
  await runOrThrow("ip", ["address", "add", `${world}/32`, "dev", own.name]);
  await runOrThrow("ip", ["link", "set", own.name, "up"]);
  let last = 1;
  let lines: string[] = [];
  const files = new Map<string, string>();
  const write = async () => {
    for (const [path, first] of files) {
      const text = ["127.0.0.1 localhost", "::1 localhost", first, ...lines, ""].join("\n");
      // The folder of an ended pod no longer exists.
      await Deno.writeTextFile(path, text).catch(() => files.delete(path));
    }
  };
  return {
    host: `${prefix}.1`,
    world,
    addPod: async (name) => {
      const address = `${prefix}.${++last}`;
      const outside = `${name}v`;
      await runOrThrow("ip", ["netns", "add", name]);
      await runOrThrow("ip", ["link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name]);
      await runOrThrow("ip", ["link", "set", outside, "master", own.name, "up"]);
      await runOrThrow("ip", ["-n", name, "address", "add", `${address}/24`, "dev", "eth0"]);
      for (const device of ["lo", "eth0"]) await runOrThrow("ip", ["-n", name, "link", "set", device, "up"]);
      await runOrThrow("ip", ["-n", name, "route", "add", `${world}/32`, "dev", "eth0"]);
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

/** Reserves a free range. Each process starts at a different range, and moves on if a range is in use. */
async function claimRange(bridge: string): Promise<string> {
  for (let step = 0; step < 256; step++) {
    const prefix = `10.213.${(Deno.pid + step) % 256}`;
    const inUse = async () =>
      (await runOrThrow("ip", ["-4", "-oneline", "address"])).stdout.split(`${prefix}.`).length - 1;
    if (await inUse() > 0) continue;
    await runOrThrow("ip", ["address", "add", `${prefix}.1/24`, "dev", bridge]);
    // This bridge has the range once; a second line belongs to another test.
    if (await inUse() === 1) return prefix;
    await exec("ip", ["address", "flush", "dev", bridge]);
  }
  throw new Error("no free range of addresses in 10.213.0.0/16");
}
