/**
 * Builds the images of the pack's Dockerfiles with the docker daemon of a generated pod, with apt from Debian. Each is built
 * once and kept in the cache.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PackInput } from "openclaw-pack";
import { IMAGES } from "../../../src/tables/pins.ts";
import buildImage from "../../../src/generate/sandbox/build-image.sh" with { type: "text" };
import dockerfile from "../../../src/generate/sandbox/ssh.Dockerfile" with { type: "text" };
import { until } from "../cluster/kubectl.ts";
import { installed, keyOf, runOrThrow } from "../tools.ts";
import { type Json, objectOf } from "../support.ts";
import { untilDaemon } from "./docker_image.ts";
import { type Image, imageFor } from "./images.ts";
import { internet, INTERNET_DNS } from "./internet.ts";
import { overlay } from "./objects.ts";
import { ociImage } from "./oci_image.ts";
import { type Pod, startPod } from "./pod.ts";

const PORT = 5000;

/**
 * Returns the part of pack.yaml that names an available base image. The default is pinned by a digest that only its own
 * registry has; this is the digest of the fake, which is pulled by digest too.
 */
export async function baseImage(): Promise<{ folder: string; images: { sandboxBase: string } }> {
  const { rootfs } = await imageFor(IMAGES.sandboxBase);
  const { folder, digest } = await ociImage(`oci-${rootfs.slice(rootfs.lastIndexOf("/") + 1)}`, rootfs);
  return { folder, images: { sandboxBase: `127.0.0.1:${PORT}/debian:bookworm-slim@${digest}` } };
}

/** Returns a state volume on which the generated container has archived the sandbox image. */
export async function builtVolume(): Promise<string> {
  const { images } = await baseImage();
  // Keyed by the generated container, whose variables contain the image's tag and the archive's folder.
  const { spec } = objectOf(await overlay("kind", { images }), "Deployment", "openclaw").spec.template;
  const keeper = spec.containers.find(({ name }: Json) => name === "sandbox-image");
  const name = `openclaw-sandbox-${await keyOf([buildImage, JSON.stringify(keeper)])}`;
  return await installed(name, (volume) =>
    withDocker({ "openclaw-data": volume }, ["sandbox-image"], async () => {
      // The image exists before it is archived.
      const images = join(volume, ".openclaw-pack/images");
      const kept = async () => (await Array.fromAsync(Deno.readDir(images))).some(({ name }) => name.endsWith(".tar"));
      await until("the archive of the sandbox image", kept);
    }));
}

/** Copies this volume. */
export async function copyBuiltVolume(folder: string): Promise<void> {
  await runOrThrow("cp", ["--archive", await builtVolume(), folder]);
}

/** Returns the image of the ssh sandbox's pod. */
export async function sshImage(): Promise<Image> {
  const { images: { sandboxBase } } = await baseImage();
  const folder = await installed(`openclaw-sandbox-ssh-${await keyOf([dockerfile, sandboxBase])}`, async (folder) => {
    const volume = join(folder, "volume");
    await withDocker({ "openclaw-workspace": volume }, [], async (pod) => {
      await untilDaemon(pod.container("docker"));
      const docker = async (args: readonly string[], stdin = "") => {
        const { code, stdout, stderr } = await pod.exec("docker", ["docker", ...args], { stdin });
        if (code !== 0) throw new Error(`docker ${args[0]}: ${stderr}`);
        return stdout.trim();
      };
      await docker(["build", "--quiet", "--build-arg", `BASE_IMAGE=${sandboxBase}`, "--tag", "ssh", "-"], dockerfile);
      await docker(["create", "--name", "ssh", "ssh"]);
      await docker(["export", "--output", "/workspaces/rootfs.tar", "ssh"]);
      const config = await docker(["image", "inspect", "--format", "{{json .Config}}", "ssh"]);
      await Deno.writeTextFile(join(folder, "config.json"), config);
    });
    const rootfs = join(folder, "rootfs");
    await Deno.mkdir(rootfs, { mode: 0o755 });
    await runOrThrow("tar", [
      "--extract",
      "--numeric-owner",
      "--file",
      join(volume, "rootfs.tar"),
      "--directory",
      rootfs,
    ]);
    await Deno.remove(volume, { recursive: true });
  });
  const { Cmd, Entrypoint, Env, User, WorkingDir } = JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
  return {
    rootfs: join(folder, "rootfs"),
    config: {
      entrypoint: Entrypoint ?? [],
      cmd: Cmd,
      env: Object.fromEntries((Env ?? []).map((line: string) => line.split("=", 2))),
      // The pod's spec sets the user and group.
      user: User.replace(/:.*/, ""),
      workingDir: WorkingDir,
    },
  };
}

/**
 * Starts the generated gateway's pod with only its docker daemon and these containers, and access to the base image and Debian.
 */
async function withDocker(
  claims: Record<string, string>,
  containers: readonly string[],
  use = async (_pod: Pod) => {},
): Promise<void> {
  const { folder, images } = await baseImage();
  const pack: PackInput = { images };
  const others = ["sandbox-image", "openclaw"].filter((name) => !containers.includes(name));
  await using stack = new AsyncDisposableStack();
  await using pod = await startPod({
    objects: await overlay("kind", pack),
    deployment: "openclaw",
    claims,
    without: others,
    nameserver: INTERNET_DNS,
    before: {
      docker: async ({ name }) => {
        stack.use(registry(folder, name));
        stack.use(await internet(name));
      },
    },
  });
  await use(pod);
}

/** Serves the base image inside a pod. */
function registry(folder: string, namespace: string): AsyncDisposable {
  const program = fileURLToPath(new URL("./registry.ts", import.meta.url));
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--allow-read", "--allow-net", "--allow-env"];
  const child = new Deno.Command("nsenter", {
    args: [`--net=/run/netns/${namespace}`, ...deno, program, folder, String(PORT)],
    stdin: "piped",
    stdout: "null",
  }).spawn();
  return {
    [Symbol.asyncDispose]: async () => {
      await child.stdin.close();
      await child.status;
    },
  };
}
