/**
 * A read-only registry that serves one image by digest: `deno run registry.ts FOLDER PORT`. It is a separate program, because
 * it runs in a pod's network namespace, where dockerd accepts 127.0.0.1 without TLS.
 *
 * @module
 */

import { MANIFEST } from "./oci_image.ts";

/**
 * Returns the response for the image in a folder; see the OCI Distribution Specification, "Pulling blobs" and "Pulling
 * manifests".
 */
export async function answer(folder: string, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (path === "/v2/") return Response.json({});
  const [, kind, hex] = /^\/v2\/[a-z/]+\/(manifests|blobs)\/sha256:([0-9a-f]{64})$/.exec(path) ?? [];
  const blob = hex && await Deno.open(`${folder}/blobs/sha256/${hex}`).catch(() => undefined);
  if (!blob) return Response.json({ errors: [{ code: "MANIFEST_UNKNOWN" }] }, { status: 404 });
  const headers = {
    "content-type": kind === "manifests" ? MANIFEST : "application/octet-stream",
    "content-length": String((await blob.stat()).size),
    "docker-content-digest": `sha256:${hex}`,
  };
  if (request.method !== "HEAD") return new Response(blob.readable, { headers });
  blob.close();
  return new Response(null, { headers });
}

if (import.meta.main) {
  const [folder, port] = Deno.args;
  if (folder === undefined || port === undefined) throw new Error("usage: registry.ts FOLDER PORT");
  Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, (request) => answer(folder, request));
  // It exits with its standard input, and therefore with the process that started it.
  await Deno.stdin.readable.pipeTo(new WritableStream());
  Deno.exit();
}
