/**
 * An npm registry for a test's pods. It downloads each requested file once and keeps it in the cache. It supports only
 * installation, not publishing.
 *
 * @module
 */

import { join } from "node:path";
import { sha256 } from "../../../src/values/hash.ts";
import { cacheDir, runOrThrow } from "../tools.ts";

/** A running registry. */
export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
  /** The requested paths. */
  readonly requests: readonly string[];
  /** Resolves with the first request. */
  readonly asked: Promise<void>;
}

/** Starts a registry on a free port of an address. Keeps responses in a folder of the cache. */
export async function npmRegistry(hostname: string, folder: string): Promise<NpmRegistry> {
  const { stdout } = await runOrThrow("npm", ["config", "get", "registry"]);
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
