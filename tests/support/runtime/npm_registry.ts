/**
 * The npm registry, as pods of a test reach it: what is asked for is fetched once and kept in the cache. Only what an installation
 * reads; nothing can be published.
 *
 * @module
 */

import { join } from "node:path";
import { sha256 } from "../../../src/values/hash.ts";
import { cacheDir, must } from "../tools.ts";

/** A running one. */
export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for. */
  readonly requests: readonly string[];
  /** Ends with the first request. */
  readonly asked: Promise<void>;
}

/** Starts one on a free port of an address; answers are kept in a folder of the cache. */
export async function npmRegistry(hostname: string, folder: string): Promise<NpmRegistry> {
  const { stdout } = await must("npm", ["config", "get", "registry"]);
  const upstream = stdout.trim().replace(/\/$/, "");
  const store = join(cacheDir(), folder);
  await Deno.mkdir(store, { recursive: true });
  const requests: string[] = [];
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname, port: 0, onListen: () => {} }, async ({ method, url, headers }) => {
    const { pathname } = new URL(url);
    requests.push(pathname);
    resolve();
    if (method !== "GET") return new Response(null, { status: 404 });
    const accept = headers.get("accept") ?? "*/*";
    const file = join(store, await sha256(`${accept} ${pathname}`));
    const kept = await Deno.readFile(file).catch(() => undefined);
    if (kept !== undefined) return new Response(kept);
    const answer = await fetch(upstream + pathname, { headers: { accept } });
    if (!answer.ok) return new Response(null, { status: answer.status });
    const body = await answer.bytes();
    const part = `${file}.${crypto.randomUUID()}`;
    await Deno.writeFile(part, body);
    await Deno.rename(part, file);
    return new Response(body);
  });
  return {
    url: `http://${hostname}:${server.addr.port}/`,
    requests,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
