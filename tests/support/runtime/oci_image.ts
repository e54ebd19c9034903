/**
 * Converts a root file system to an image that a registry can serve, for the FROM of a Dockerfile.
 *
 * @module
 */

import { join } from "node:path";
import { sha256 } from "../../../src/values/hash.ts";
import { installed, runOrThrow } from "../tools.ts";

/** An image on disk, in an OCI image layout: `blobs/sha256/<hex>`. */
export interface OciImage {
  readonly folder: string;
  /** `sha256:...` of its manifest. */
  readonly digest: string;
}

/** Creates an image with one layer, once; `name` is the name of the cached folder. */
export async function ociImage(name: string, rootfs: string): Promise<OciImage> {
  const folder = await installed(name, async (folder) => {
    const blobs = join(folder, "blobs/sha256");
    await Deno.mkdir(blobs, { recursive: true });
    const layer = join(folder, "layer");
    await runOrThrow("tar", [
      "--create",
      "--one-file-system",
      "--numeric-owner",
      "--file",
      layer,
      "--directory",
      rootfs,
      ".",
    ]);
    const { stdout } = await runOrThrow("sha256sum", [layer]);
    const diffId = stdout.slice(0, 64);
    const { size } = await Deno.stat(layer);
    await Deno.rename(layer, join(blobs, diffId));
    const write = async (mediaType: string, value: unknown) => {
      const text = JSON.stringify(value);
      const hex = await sha256(text);
      await Deno.writeTextFile(join(blobs, hex), text);
      return { mediaType, digest: `sha256:${hex}`, size: text.length };
    };
    const config = await write("application/vnd.oci.image.config.v1+json", {
      architecture: "amd64",
      os: "linux",
      config: { Cmd: ["bash"] },
      rootfs: { type: "layers", diff_ids: [`sha256:${diffId}`] },
    });
    const manifest = await write(MANIFEST, {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config,
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: `sha256:${diffId}`, size }],
    });
    await Deno.writeTextFile(join(folder, "digest"), manifest.digest);
  });
  return { folder, digest: await Deno.readTextFile(join(folder, "digest")) };
}

/** The media type of a manifest. */
export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
