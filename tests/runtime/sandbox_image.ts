/**
 * The sandbox image, built for real by the generated init step from the generated Dockerfile, with apt from Debian. The build runs
 * once; its archive, which the step keeps on the state volume, is what later pods find there, as after a restart.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { IMAGES } from "../../src/config/defaults.ts";
import { installed, must } from "../judges/parts.ts";
import type { PackInput } from "openclaw-pack";
import { modelOf } from "../support.ts";
import { imageFor } from "./images.ts";
import { internet } from "./internet.ts";
import { overlay } from "./objects.ts";
import { ociImage } from "./oci_image.ts";
import { startPod } from "./pod.ts";

const PORT = 5000;

/**
 * pack.yaml's part that names a base image that can be had here. The pin of the default names content by its digest, so only
 * the registry that it came from has it; this is the digest of the stand-in, and pulled by it.
 */
export async function baseImage(): Promise<{ folder: string; images: NonNullable<PackInput["images"]> }> {
  const { rootfs } = await imageFor(IMAGES.sandboxBase);
  const { folder, digest } = await ociImage(`oci-${rootfs.slice(rootfs.lastIndexOf("/") + 1)}`, rootfs);
  return { folder, images: { sandboxBase: `127.0.0.1:${PORT}/debian:bookworm-slim@${digest}` } };
}

/** A state volume, as a pod leaves it that has built the image; to be copied. */
export async function volumeWithImage(): Promise<string> {
  const { folder: base, images } = await baseImage();
  const { sandboxImage } = await modelOf({ images });
  return await installed(sandboxImage.replace(":", "-"), async (volume) => {
    await using stack = new AsyncDisposableStack();
    await using _pod = await startPod({
      objects: await overlay("kind", { images }),
      deployment: "openclaw",
      claims: { "openclaw-data": volume },
      without: ["docker-prune", "prepare-state", "openclaw"],
      before: {
        "sandbox-image": async ({ name }) => {
          stack.use(registry(base, name));
          stack.use(await internet(name));
        },
      },
    });
  });
}

/** Makes a state volume of one's own with the archive in it; the archive itself, which nobody writes, is a link. */
export async function copyOfVolume(folder: string): Promise<void> {
  await must("cp", ["--archive", "--link", await volumeWithImage(), folder]);
}

/** Serves the base image inside of a pod. */
function registry(folder: string, namespace: string): AsyncDisposable {
  const program = fileURLToPath(new URL("registry.ts", import.meta.url));
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--allow-read", "--allow-net", "--allow-env"];
  const child = new Deno.Command("nsenter", {
    args: [`--net=/run/netns/${namespace}`, ...deno, program, folder, String(PORT)],
    stdin: "null",
    stdout: "null",
  }).spawn();
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
