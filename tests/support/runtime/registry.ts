/**
 * A registry that serves one image, read only, by digest: `deno run registry.ts FOLDER PORT`. A program of its own, since it
 * runs in the network namespace of a pod, where dockerd takes 127.0.0.1 without TLS.
 *
 * @module
 */

import { MANIFEST } from "./oci_image.ts";

/** Answers for the image in a folder; see the OCI Distribution Specification, "Pulling blobs" and "Pulling manifests". */
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
  // It ends with its standard input, and so with whoever started it.
  await Deno.stdin.readable.pipeTo(new WritableStream());
  Deno.exit();
}
