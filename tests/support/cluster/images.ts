/**
 * Images for the node without large archives. containerd imports an image whose only layer contains a marker, and the root file
 * system of the fake image (tests/support/runtime/images.ts) is mounted read-only over the unpacked layer. This takes a second
 * for all images of any size, and no disk space. The image's name is the one that a manifest pins, including its digest.
 *
 * @module
 */

import { join } from "node:path";
import { installed, keyOf, runOrThrow } from "../tools.ts";
import { debianPackage } from "../runtime/debian.ts";
import { type Image, imageFor } from "../runtime/images.ts";
import type { Json } from "../support.ts";
import { built, type ProgramName } from "./build.ts";
import type { Machine } from "./machine.ts";
import { ctr } from "./node.ts";

/** Folder to which containerd unpacks layers, by snapshot number. */
const SNAPSHOTS = "containerd/io.containerd.snapshotter.v1.overlayfs/snapshots";
const MARKER = ".openclaw-pack-image";

/** Images that contain a single program built here. */
const OWN: Readonly<Record<string, { readonly program: ProgramName; readonly user: string }>> = {
  "cluster.invalid/pause": { program: "pause", user: "65535" },
  "cluster.invalid/coredns": { program: "coredns", user: "" },
  // A fake that opens no tunnel.
  "cloudflare/cloudflared": { program: "cloudflared", user: "65532" },
  "ghcr.io/external-secrets/external-secrets": { program: "external-secrets", user: "65534" },
};

/** Image for test pods, with `probe` (go/tools/probe) and busybox. */
export const PROBE_IMAGE = "cluster.invalid/probe:1";

/** Images of every cluster. */
export const CLUSTER_IMAGES = ["cluster.invalid/pause:1", "cluster.invalid/coredns:1", PROBE_IMAGE];

/** Returns the references of all images in the pods of some objects, sorted. */
export function imagesOf(objects: readonly Json[]): string[] {
  const found = new Set<string>();
  const visit = (value: Json) => {
    if (value === null || typeof value !== "object") return;
    for (const key of ["initContainers", "containers"]) {
      if (Array.isArray(value[key])) { for (const { image } of value[key]) found.add(image); }
    }
    Object.values(value).forEach(visit);
  };
  objects.forEach(visit);
  return [...found].toSorted();
}

/** Adds fake images for some references to a node: `prebuilt` ones, or those that are built here. */
export async function addImages(
  machine: Machine,
  references: readonly string[],
  prebuilt: Readonly<Record<string, Image>> = {},
): Promise<void> {
  if (references.length === 0) return;
  const images = await Promise.all(references.map(async (reference) => ({
    reference: canonical(reference),
    image: prebuilt[reference] ?? await imageOf(reference),
  })));
  const layout = await Deno.makeTempDir({ dir: machine.folder });
  await writeLayout(layout, images);
  const archive = join(machine.folder, "lib", "images.tar");
  await runOrThrow("tar", ["--directory", layout, "--create", "--file", archive, "."]);
  await ctr(machine, ["images", "import", "--snapshotter", "overlayfs", "/var/lib/images.tar"]);
  await Deno.remove(layout, { recursive: true });
  await Deno.remove(archive);
  await mountRootfs(machine, images);
}

/** Returns the fake image for a reference, built from one of our programs or from packages. */
async function imageOf(reference: string): Promise<Image> {
  const repository = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  if (reference === PROBE_IMAGE) return await probeImage();
  const own = OWN[repository];
  if (own === undefined) return await imageFor(reference);
  const program = await built(own.program);
  const rootfs = await installed(`cluster-rootfs-${own.program}-${await keyOf([program])}`, async (folder) => {
    for (const path of ["etc", "tmp"]) await Deno.mkdir(join(folder, path));
    await Deno.chmod(join(folder, "tmp"), 0o1777);
    await Deno.copyFile(program, join(folder, own.program));
  });
  return imageOfProgram(rootfs, [`/${own.program}`], own.user);
}

async function probeImage(): Promise<Image> {
  const [probe, busybox] = [await built("probe"), join(await debianPackage("busybox-static"), "bin/busybox")];
  const rootfs = await installed(`cluster-rootfs-probe-${await keyOf([probe, busybox])}`, async (folder) => {
    for (const path of ["bin", "etc", "tmp"]) await Deno.mkdir(join(folder, path));
    await Deno.chmod(join(folder, "tmp"), 0o1777);
    await Deno.copyFile(probe, join(folder, "bin/probe"));
    await Deno.copyFile(busybox, join(folder, "bin/busybox"));
    const { stdout } = await runOrThrow(busybox, ["--list"]);
    for (const name of stdout.trim().split("\n")) {
      if (name !== "busybox") await Deno.symlink("busybox", join(folder, "bin", name));
    }
  });
  return imageOfProgram(rootfs, ["/bin/probe"], "65532");
}

function imageOfProgram(rootfs: string, entrypoint: string[], user: string): Image {
  return { rootfs, config: { entrypoint, cmd: [], env: { PATH: "/bin" }, user, workingDir: "/" } };
}

interface Named {
  readonly reference: string;
  readonly image: Image;
}

/** Writes an OCI layout of images that contain only their markers. */
async function writeLayout(folder: string, images: readonly Named[]): Promise<void> {
  const blobs = join(folder, "blobs/sha256");
  await Deno.mkdir(blobs, { recursive: true });
  const blob = async (mediaType: string, content: Uint8Array<ArrayBuffer>) => {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    await Deno.writeFile(join(blobs, hash.toHex()), content);
    return { mediaType, digest: `sha256:${hash.toHex()}`, size: content.length };
  };
  const json = (mediaType: string, value: unknown) => blob(mediaType, new TextEncoder().encode(JSON.stringify(value)));
  const manifests = [];
  for (const { reference, image: { config } } of images) {
    const marker = join(folder, "layer", MARKER);
    await Deno.mkdir(join(marker, ".."), { recursive: true });
    await Deno.writeTextFile(marker, reference);
    await runOrThrow("tar", [
      "--directory",
      join(marker, ".."),
      "--create",
      "--file",
      join(folder, "layer.tar"),
      MARKER,
    ]);
    const layer = await blob("application/vnd.oci.image.layer.v1.tar", await Deno.readFile(join(folder, "layer.tar")));
    const manifest = await json("application/vnd.oci.image.manifest.v1+json", {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: await json("application/vnd.oci.image.config.v1+json", {
        architecture: "amd64",
        os: "linux",
        config: {
          Entrypoint: config.entrypoint,
          Cmd: config.cmd,
          Env: Object.entries(config.env).map(([name, value]) => `${name}=${value}`),
          User: config.user,
          WorkingDir: config.workingDir,
          ...(config.stopSignal === undefined ? {} : { StopSignal: `SIG${config.stopSignal}` }),
        },
        rootfs: { type: "layers", diff_ids: [layer.digest] },
      }),
      layers: [layer],
    });
    manifests.push({ ...manifest, annotations: { "io.containerd.image.name": reference } });
  }
  await Deno.writeTextFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  await Deno.writeTextFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await Deno.remove(join(folder, "layer"), { recursive: true });
  await Deno.remove(join(folder, "layer.tar"));
}

/** Mounts the root file systems over the markers. They are read-only, because containerd may delete files of its snapshots. */
async function mountRootfs(machine: Machine, images: readonly Named[]): Promise<void> {
  const snapshots = join(machine.folder, "lib", SNAPSHOTS);
  const [command = "", ...enter] = machine.enter;
  for await (const { name } of Deno.readDir(snapshots)) {
    const reference = await Deno.readTextFile(join(snapshots, name, "fs", MARKER)).catch(() => undefined);
    const found = images.find((one) => one.reference === reference);
    if (found === undefined) continue;
    const over = join("/var/lib", SNAPSHOTS, name, "fs");
    await runOrThrow(command, [...enter, "mount", "--bind", found.image.rootfs, over]);
    await runOrThrow(command, [...enter, "mount", "-o", "remount,bind,ro", over]);
  }
}

/** Returns a reference as containerd stores it: with its registry, and without a tag if it has a digest. */
function canonical(reference: string): string {
  const byDigest = reference.replace(/:[^/:@]*(?=@)/, "");
  const [first = ""] = byDigest.split("/");
  if (byDigest.includes("/") && /[.:]|^localhost$/.test(first)) return byDigest;
  return `docker.io/${byDigest.includes("/") ? "" : "library/"}${byDigest}`;
}
