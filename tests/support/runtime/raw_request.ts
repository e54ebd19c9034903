/**
 * HTTP requests whose path goes over the wire as it stands: `fetch` would tidy it up.
 *
 * @module
 */

import { Agent, request } from "node:http";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON by default. */
  readonly body?: string;
}

/** A client for one address, which keeps its connections; `await using` closes them. */
export function client(hostname: string, port: number): AsyncDisposable & { send(what: RawRequest): Promise<Answer> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    send: ({ method, path, headers, body = "" }) =>
      new Promise((resolve, reject) => {
        // A body without its length would be read as the next request.
        const sent = {
          "content-type": "application/json",
          ...headers,
          "content-length": String(new TextEncoder().encode(body).length),
        };
        const call = request({
          agent,
          hostname,
          port,
          method,
          path,
          headers: sent,
          signal: AbortSignal.timeout(10_000),
        }, (answer) => {
          const chunks: Uint8Array[] = [];
          answer.on("data", (chunk: Uint8Array) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", async () => {
            resolve({ status: answer.statusCode ?? 0, text: await new Blob(chunks as BlobPart[]).text() });
          });
        });
        call.on("error", reject);
        call.end(body);
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(agent.destroy()),
  };
}
