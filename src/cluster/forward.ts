/**
 * Forwards a port of this machine to a pod through the kubelet. The connection starts in the pod's own network, where no
 * NetworkPolicy applies.
 *
 * @module
 */

import { createConnection } from "node:net";
import { KubectlFailed, reasonOf } from "./failure.ts";
import { requireProgram, stop } from "./machine.ts";

/** Milliseconds for opening the port, and for a request through it. */
const TIMEOUT = 30_000;
/** Milliseconds to wait for a greeting. */
const GREETING = 3000;
/** The local address. With a name, kubectl would fall back to the other address family if the port is in use in one. */
const ADDRESS = "127.0.0.1";

/** The target of a forwarded port. */
export interface Tunnel {
  readonly namespace: string;
  /** A pod or a Service, such as `pod/openclaw-0` or `service/openclaw`. */
  readonly target: string;
  readonly port: number;
  /** The port on this machine. Default: a free port. */
  readonly local?: number;
}

/** A forwarded port. Disposing of it stops the forwarding. */
export interface Forward extends AsyncDisposable {
  /** Address of the port on this machine, such as `http://127.0.0.1:18789`. */
  readonly url: string;
  /** Resolves with kubectl's standard error when the forwarding ends. */
  readonly ended: Promise<string>;
  /** Requests a path over HTTP. @throws {KubectlFailed} if there is no response */
  get(path: string): Promise<Response>;
  /** Returns the server's greeting, or an empty string if it sends none. @throws {KubectlFailed} if nothing is listening */
  greeting(): Promise<string>;
}

/** Starts forwarding a port. @throws {KubectlFailed} if it cannot */
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
  const child = await requireProgram("kubectl", () => command.spawn());
  const stderr = new Response(child.stderr).text();
  const [head, rest] = child.stdout.tee();
  // kubectl writes a line for each connection, and would block if nothing read them.
  const drained = rest.pipeTo(new WritableStream());
  const end = async () => {
    stop(child);
    await Promise.all([child.status, stderr, drained]);
  };
  const timer = setTimeout(() => stop(child), TIMEOUT);
  const opened = await firstMatch(head, /127\.0\.0\.1:(\d+) ->/);
  clearTimeout(timer);
  if (opened === undefined) {
    await end();
    throw new KubectlFailed(reasonOf(await stderr));
  }
  return {
    url: `http://${ADDRESS}:${opened}`,
    ended: stderr,
    get: (path) => get(`http://${ADDRESS}:${opened}${path}`),
    greeting: () => greeting(Number(opened)),
    [Symbol.asyncDispose]: end,
  };
}

/** Reads a stream until `pattern` matches and returns what it captures, or undefined if the stream ends first. */
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
    throw new KubectlFailed(error instanceof Error ? `no response: ${error.message}` : String(error));
  }
}

/** kubectl accepts every connection. A server is listening only if the connection stays open. */
function greeting(port: number): Promise<string> {
  return new Promise((done, failed) => {
    const socket = createConnection({ host: ADDRESS, port, timeout: GREETING });
    const end = (text: string) => {
      socket.destroy();
      done(text);
    };
    socket.on("data", (data: Uint8Array) => end(new TextDecoder().decode(data).trim()));
    socket.on("timeout", () => end(""));
    socket.on("end", () => failed(new KubectlFailed("nothing is listening: the connection closed immediately")));
    socket.on("error", ({ message }: Error) => failed(new KubectlFailed(message)));
  });
}
