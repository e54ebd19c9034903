/**
 * The volumes of a pod, laid out and owned as a kubelet does.
 *
 * @module
 */

import { join } from "node:path";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { IVolume } from "kubernetes-models/v1/Volume";
import { toBytes } from "../../../src/values/quantity.ts";
import { must } from "../tools.ts";
import type { Json } from "../support.ts";
import { dataOf } from "./objects.ts";

/** A mount of a container, as config.json has it. */
export interface Mount {
  readonly destination: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Where volumes come from and go to. */
export interface VolumeContext {
  readonly objects: readonly Json[];
  readonly spec: IPodSpec;
  /** The pod's own folder; its volumes become folders in it. */
  readonly folder: string;
  /** Folders for claims, by name; a claim without one gets a folder that ends with the pod. */
  readonly claims: Readonly<Record<string, string>>;
}

/** Makes every volume of a pod; gives the folder of each by its name. */
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
      await must("mount", ["-t", "tmpfs", "-o", ["mode=0777", ...size].join(","), "tmpfs", folder]);
    }
    await Deno.chmod(folder, 0o777);
    await own(folder, fsGroup, "rw");
  } else if (configMap !== undefined) {
    await writeFiles(folder, dataOf(objects, "ConfigMap", configMap.name ?? ""), configMap);
    await own(folder, fsGroup, "r");
  } else if (secret !== undefined) {
    await must("mount", ["-t", "tmpfs", "-o", "mode=0777", "tmpfs", folder]);
    await writeFiles(folder, dataOf(objects, "Secret", secret.secretName ?? ""), secret);
    await own(folder, fsGroup, "r");
  } else if (claim !== undefined) {
    const { gid, mode } = await Deno.stat(folder);
    const asWanted = gid === fsGroup && ((mode ?? 0) & 0o2770) === 0o2770;
    if (!asWanted || spec.securityContext?.fsGroupChangePolicy !== "OnRootMismatch") await own(folder, fsGroup, "rw");
  } else throw new Error(`volume ${name}: ${Object.keys(volume)} is not done here`);
  return folder;
}

interface Items {
  readonly items?: readonly { readonly key: string; readonly path: string; readonly mode?: number }[];
  readonly defaultMode?: number;
}

/** Files behind a link that a kubelet would turn over to the next version at once: `name -> ..data/name`, `..data -> ..version`. */
async function writeFiles(folder: string, data: Record<string, string>, { items, defaultMode = 0o644 }: Items) {
  const version = join(folder, "..1");
  await Deno.mkdir(version);
  const all: NonNullable<Items["items"]> = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  for (const { key, path, mode = defaultMode } of all) {
    const text = data[key];
    if (text === undefined) throw new Error(`${folder}: there is no key ${key}`);
    await Deno.mkdir(join(version, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(version, path), text);
    await Deno.chmod(join(version, path), mode);
  }
  await Deno.symlink("..1", join(folder, "..data"));
  for await (const { name } of Deno.readDir(version)) await Deno.symlink(`..data/${name}`, join(folder, name));
}

/** A kubelet's ownership for fsGroup: the group of all files, its right to read (and write), set-group-ID on folders. */
async function own(folder: string, fsGroup: number | undefined, access: "r" | "rw"): Promise<void> {
  if (fsGroup === undefined) return;
  await must("chgrp", ["--recursive", "--no-dereference", String(fsGroup), folder]);
  const [file, directory] = access === "rw" ? ["ug+rw", "ug+rwx,g+s"] : ["ug+r", "ug+rx,g+s"];
  await must("find", [folder, "-type", "f", "-exec", "chmod", file, "{}", "+"]);
  await must("find", [folder, "-type", "d", "-exec", "chmod", directory, "{}", "+"]);
}

/** The mounts of a container's volumeMounts, outer ones first. */
export async function volumeMounts(container: IContainer, folders: ReadonlyMap<string, string>): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const { name, mountPath, subPath, readOnly } of container.volumeMounts ?? []) {
    const folder = folders.get(name);
    if (folder === undefined) throw new Error(`${container.name}: there is no volume ${name}`);
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

/** A kubelet makes a folder that is not there. */
async function subPathOf(folder: string, subPath: string): Promise<string> {
  const path = join(folder, subPath);
  const there = await Deno.realPath(path).catch(() => undefined);
  if (there !== undefined) return there;
  await Deno.mkdir(path, { recursive: true, mode: 0o750 });
  return path;
}
