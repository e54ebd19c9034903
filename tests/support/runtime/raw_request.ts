/**
 * HTTP requests whose path is sent unchanged, because `fetch` would normalize it.
 *
 * @module
 */

import { Agent, request } from "node:http";

/** A response. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A request. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The content type. Default: JSON. */
  readonly body?: string;
}

/** A client for one address that reuses its connections; `await using` closes them. */
export function client(hostname: string, port: number): AsyncDisposable & { send(what: RawRequest): Promise<Answer> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    send: ({ method, path, headers, body = "" }) =>
      new Promise((resolve, reject) => {
        // A body without a length would be parsed as the next request.
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
