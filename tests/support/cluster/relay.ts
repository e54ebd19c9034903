/**
 * Relays TCP connections between the test process and a machine, whose networks are otherwise unreachable.
 *
 * @module
 */

import { onPath } from "../tools.ts";
import { built } from "./build.ts";

/** A running relay. */
export interface Relay extends AsyncDisposable {
  /** The `address:port` on which it listens. */
  readonly address: string;
}

/** The two ends of a relay. Network namespaces are files under /proc. */
export interface RelayOptions {
  readonly from: string;
  /** Address to listen on in `from`; port 0 means any. */
  readonly listen: string;
  readonly to: string;
  readonly target: string;
}

/** Starts a relay. */
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
