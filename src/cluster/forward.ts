/**
 * A port of this machine that leads into the cluster through the kubelet. It ends in the pod's own network, where no NetworkPolicy
 * applies.
 *
 * @module
 */

import { createConnection } from "node:net";
import { KubectlFailed, reasonOf } from "./failure.ts";
import { orMissing, stop } from "./machine.ts";

/** Milliseconds to open the port, and to answer a request through it. */
const TIMEOUT = 30_000;
/** Milliseconds in which a server that speaks first does so. */
const GREETING = 3000;
/** The address that is listened on, by number, so that a port in use is an error instead of one of two families. */
const ADDRESS = "127.0.0.1";

/** Where a forwarded port leads. */
export interface Tunnel {
  readonly namespace: string;
  /** Such as `pod/openclaw-0` or `service/openclaw`. */
  readonly target: string;
  readonly port: number;
  /** The port on this machine. Default: a free one. */
  readonly local?: number;
}

/** A forwarded port. Disposing of it ends the forwarding. */
export interface Forward extends AsyncDisposable {
  /** Address of the port on this machine, such as `http://127.0.0.1:18789`. */
  readonly url: string;
  /** Resolves with kubectl's standard error when the forwarding ends. */
  readonly ended: Promise<string>;
  /** Requests a path by HTTP. @throws {KubectlFailed} if there is no answer */
  get(path: string): Promise<Response>;
  /** Returns what a server says first; empty if it only listens. @throws {KubectlFailed} if nothing is listening */
  greeting(): Promise<string>;
}

/** Opens a port. @throws {KubectlFailed} if it cannot be opened */
export async function openForward(
  flags: readonly string[],
  { namespace, target, port, local }: Tunnel,
): Promise<Forward> {
  const args = ["port-forward", `--namespace=${namespace}`, `--address=${ADDRESS}`, target, `${local ?? ""}:${port}`];
  const command = new Deno.Command("kubectl", {
    args: [...flags, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const child = await orMissing("kubectl", () => command.spawn());
  const stderr = new Response(child.stderr).text();
  const [head, rest] = child.stdout.tee();
  // kubectl writes a line for each connection, and would stop if nothing read them.
  const drained = rest.pipeTo(new WritableStream());
  const end = async () => {
    stop(child);
    await Promise.all([child.status, stderr, drained]);
  };
  const late = setTimeout(() => stop(child), TIMEOUT);
  const own = await firstMatch(head, /127\.0\.0\.1:(\d+) ->/);
  clearTimeout(late);
  if (own === undefined) {
    await end();
    throw new KubectlFailed(reasonOf(await stderr));
  }
  return {
    url: `http://${ADDRESS}:${own}`,
    ended: stderr,
    get: (path) => get(`http://${ADDRESS}:${own}${path}`),
    greeting: () => greeting(Number(own)),
    [Symbol.asyncDispose]: end,
  };
}

/** Returns what `pattern` captures in a stream, and reads no further; undefined if the stream ends before. */
async function firstMatch(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  pattern: RegExp,
): Promise<string | undefined> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const found = text.match(pattern)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

async function get(url: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  } catch (error) {
    throw new KubectlFailed(error instanceof Error ? `no answer: ${error.message}` : String(error));
  }
}

/** kubectl accepts every connection; only one that the other end keeps open shows that something listens there. */
function greeting(port: number): Promise<string> {
  return new Promise((done, failed) => {
    const socket = createConnection({ host: ADDRESS, port, timeout: GREETING });
    const end = (text: string) => {
      socket.destroy();
      done(text);
    };
    socket.on("data", (data: Uint8Array) => end(new TextDecoder().decode(data).trim()));
    socket.on("timeout", () => end(""));
    socket.on("end", () => failed(new KubectlFailed("nothing is listening: the connection closed at once")));
    socket.on("error", ({ message }: Error) => failed(new KubectlFailed(message)));
  });
}
