/**
 * The volumes of a pod, with the layout and ownership of a kubelet's.
 *
 * @module
 */

import { join } from "node:path";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { IVolume } from "kubernetes-models/v1/Volume";
import { toBytes } from "../../../src/values/quantity.ts";
import { runOrThrow } from "../tools.ts";
import type { Json } from "../support.ts";
import { dataOf } from "./objects.ts";

/** A mount of a container, as in config.json. */
export interface Mount {
  readonly destination: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** The sources and the location of volumes. */
export interface VolumeContext {
  readonly objects: readonly Json[];
  readonly spec: IPodSpec;
  /** The pod's folder, which contains its volumes. */
  readonly folder: string;
  /** Folders for claims, by name; any other claim has a folder that is deleted with the pod. */
  readonly claims: Readonly<Record<string, string>>;
}

/** Creates every volume of a pod and returns their folders by name. */
export async function makeVolumes(context: VolumeContext): Promise<Map<string, string>> {
  const folders = new Map<string, string>();
  for (const volume of context.spec.volumes ?? []) folders.set(volume.name, await makeVolume(context, volume));
  return folders;
}

async function makeVolume({ objects, spec, folder: base, claims }: VolumeContext, volume: IVolume): Promise<string> {
  const fsGroup = spec.securityContext?.fsGroup;
  const { name, emptyDir, configMap, secret, persistentVolumeClaim: claim } = volume;
  const folder = (claim && claims[claim.claimName]) ?? join(base, "volumes", name);
  await Deno.mkdir(folder, { recursive: true });
  if (emptyDir !== undefined) {
    if (emptyDir.medium === "Memory") {
      const size = emptyDir.sizeLimit === undefined ? [] : [`size=${toBytes(String(emptyDir.sizeLimit))}`];
      await runOrThrow("mount", ["-t", "tmpfs", "-o", ["mode=0777", ...size].join(","), "tmpfs", folder]);
    }
    await Deno.chmod(folder, 0o777);
    await own(folder, fsGroup, "rw");
  } else if (configMap !== undefined) {
    await writeFiles(folder, dataOf(objects, "ConfigMap", configMap.name ?? ""), configMap);
    await own(folder, fsGroup, "r");
  } else if (secret !== undefined) {
    await runOrThrow("mount", ["-t", "tmpfs", "-o", "mode=0777", "tmpfs", folder]);
    await writeFiles(folder, dataOf(objects, "Secret", secret.secretName ?? ""), secret);
    await own(folder, fsGroup, "r");
  } else if (claim !== undefined) {
    const { gid, mode } = await Deno.stat(folder);
    const asWanted = gid === fsGroup && ((mode ?? 0) & 0o2770) === 0o2770;
    if (!asWanted || spec.securityContext?.fsGroupChangePolicy !== "OnRootMismatch") await own(folder, fsGroup, "rw");
  } else throw new Error(`volume ${name}: ${Object.keys(volume)} is not supported here`);
  return folder;
}

interface Items {
  readonly items?: readonly { readonly key: string; readonly path: string; readonly mode?: number }[];
  readonly defaultMode?: number;
}

/** Writes files behind a link that a kubelet could switch atomically: `name -> ..data/name`, `..data -> ..version`. */
async function writeFiles(folder: string, data: Record<string, string>, { items, defaultMode = 0o644 }: Items) {
  const version = join(folder, "..1");
  await Deno.mkdir(version);
  const all: NonNullable<Items["items"]> = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  for (const { key, path, mode = defaultMode } of all) {
    const text = data[key];
    if (text === undefined) throw new Error(`${folder}: no key ${key}`);
    await Deno.mkdir(join(version, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(version, path), text);
    await Deno.chmod(join(version, path), mode);
  }
  await Deno.symlink("..1", join(folder, "..data"));
  for await (const { name } of Deno.readDir(version)) await Deno.symlink(`..data/${name}`, join(folder, name));
}

/** Applies fsGroup as a kubelet does: the group of all files, its permission to read (and write), set-group-ID on folders. */
async function own(folder: string, fsGroup: number | undefined, access: "r" | "rw"): Promise<void> {
  if (fsGroup === undefined) return;
  await runOrThrow("chgrp", ["--recursive", "--no-dereference", String(fsGroup), folder]);
  const [file, directory] = access === "rw" ? ["ug+rw", "ug+rwx,g+s"] : ["ug+r", "ug+rx,g+s"];
  await runOrThrow("find", [folder, "-type", "f", "-exec", "chmod", file, "{}", "+"]);
  await runOrThrow("find", [folder, "-type", "d", "-exec", "chmod", directory, "{}", "+"]);
}

/** Returns the mounts of a container's volumeMounts, outer ones first. */
export async function volumeMounts(container: IContainer, folders: ReadonlyMap<string, string>): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const { name, mountPath, subPath, readOnly } of container.volumeMounts ?? []) {
    const folder = folders.get(name);
    if (folder === undefined) throw new Error(`${container.name}: no volume ${name}`);
    const source = subPath === undefined ? folder : await subPathOf(folder, subPath);
    mounts.push({
      destination: mountPath,
      source,
      type: "bind",
      options: ["rbind", "rprivate", readOnly ? "ro" : "rw"],
    });
  }
  const depth = ({ destination }: Mount) => destination.split("/").length;
  return mounts.toSorted((a, b) => depth(a) - depth(b));
}

/** A kubelet creates a missing folder. */
async function subPathOf(folder: string, subPath: string): Promise<string> {
  const path = join(folder, subPath);
  const there = await Deno.realPath(path).catch(() => undefined);
  if (there !== undefined) return there;
  await Deno.mkdir(path, { recursive: true, mode: 0o750 });
  return path;
}
