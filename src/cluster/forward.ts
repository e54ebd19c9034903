/**
 * A port of a pod, reached from here through the kubelet: in the pod's own network, where no policy is in the way.
 *
 * @module
 */

import { createConnection } from "node:net";
import { failure, KubectlFailed, orMissing } from "./failure.ts";

/** Milliseconds to open it, and to get an answer through it. */
const TIMEOUT = 30_000;
/** Milliseconds in which a server that speaks first does so. */
const GREETING = 3000;

/** An open way to a port. */
export interface Forward extends AsyncDisposable {
  /** Asks by HTTP. @throws {KubectlFailed} if there is no answer */
  get(path: string): Promise<Response>;
  /** What a server says first; empty when it only listens. @throws {KubectlFailed} if nothing is listening */
  greeting(): Promise<string>;
}

/** Opens one. @throws {KubectlFailed} */
export async function openForward(
  flags: readonly string[],
  namespace: string,
  pod: string,
  port: number,
): Promise<Forward> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const args = ["port-forward", `--namespace=${namespace}`, "--address=127.0.0.1", `pod/${pod}`, `:${port}`];
  const command = new Deno.Command("kubectl", {
    args: [...flags, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  });
  const child = await orMissing(() => command.spawn());
  const stderr = new Response(child.stderr).text();
  const [head, rest] = child.stdout.tee();
  // It writes a line for each connection, and would end if nobody read them.
  const drained = rest.pipeTo(new WritableStream());
  const own = Number(await firstMatch(head, /127\.0\.0\.1:(\d+) ->/));
  const end = async () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await Promise.all([child.status, stderr, drained]);
  };
  if (Number.isNaN(own)) {
    await end();
    throw failure(signal, TIMEOUT, await stderr);
  }
  return {
    get: (path) => get(`http://127.0.0.1:${own}${path}`),
    greeting: () => greeting(own),
    [Symbol.asyncDispose]: end,
  };
}

/** What `pattern` captures in a stream, which is read no further. Undefined when it ends before. */
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

/** kubectl takes the connection at once; that the other end does not close it shows that somebody listens. */
function greeting(port: number): Promise<string> {
  return new Promise((done, failed) => {
    const socket = createConnection({ host: "127.0.0.1", port, timeout: GREETING });
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
