/**
 * Listeners that represent other hosts: one that records every HTTP request and every CONNECT, and one that only accepts
 * connections.
 *
 * @module
 */

import { createServer } from "node:http";

/** A running listener. */
export interface Listener extends AsyncDisposable {
  readonly url: string;
  /** Each request as text: its line, its headers and its body. */
  readonly heard: readonly string[];
}

/** Starts a listener on a free port of an address. */
export async function listener(hostname: string): Promise<Listener> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", async () => {
      const body = await new Blob(chunks as BlobPart[]).text();
      heard.push([`${request.method} ${request.url}`, ...request.rawHeaders, body].join("\n"));
      response.writeHead(200, { "content-type": "application/json" });
      response.end("{}");
    });
  });
  server.on("connect", (request, socket) => {
    heard.push([`CONNECT ${request.url}`, ...request.rawHeaders].join("\n"));
    socket.end("HTTP/1.1 502 refused\r\n\r\n");
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, hostname, resolve);
  await promise;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://${hostname}:${port}`,
    heard,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Only accepts connections, on a free port of an address. */
export function acceptor(hostname: string) {
  const listener = Deno.listen({ hostname, port: 0 });
  const done = (async () => {
    for await (const connection of listener) connection.close();
  })().catch(() => undefined);
  const { port } = listener.addr;
  return {
    port,
    address: `${hostname}:${port}`,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await done;
    },
  };
}
