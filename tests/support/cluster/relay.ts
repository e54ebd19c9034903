/**
 * Ways for TCP connections between the test process and a machine of its own, whose networks have no other.
 *
 * @module
 */

import { onPath } from "../tools.ts";
import { built } from "./build.ts";

/** A way that is open. */
export interface Relay extends AsyncDisposable {
  /** Where it listens, `address:port`. */
  readonly address: string;
}

/** Where a way begins and ends: network namespaces as files under /proc. */
export interface RelayOptions {
  readonly from: string;
  /** Address to listen on there; port 0 is any. */
  readonly listen: string;
  readonly to: string;
  readonly target: string;
}

/** Opens one. */
export async function relay({ from, listen, to, target }: RelayOptions): Promise<Relay> {
  const child = new Deno.Command(await onPath("nsenter"), {
    args: [`--net=${from}`, "--", await built("relay"), listen, to, target],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const address = (await reader.read()).value?.trim();
  await reader.cancel();
  const close = async () => {
    await child.stdin.close().catch(() => undefined);
    await child.status;
  };
  if (address === undefined || address === "") {
    await close();
    throw new Error(`nothing can listen on ${listen}`);
  }
  return { address, [Symbol.asyncDispose]: close };
}

/** The network namespace of the test process. */
export const OWN_NETWORK = `/proc/${Deno.pid}/ns/net`;
