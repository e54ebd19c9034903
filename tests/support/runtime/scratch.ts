/**
 * A name and a folder for a pod or a network, and whoever cleans up behind it.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDir, onPath } from "../tools.ts";
import { program } from "./debian.ts";
import { imageFor } from "./images.ts";

/**
 * A folder, on a disk of its own where there are loop devices, with a name that is free as that of a network interface, a network
 * namespace and a cgroup.
 */
export interface Scratch extends AsyncDisposable {
  readonly name: string;
  readonly path: string;
}

/** Programs of the machine that pods need beside runc. */
const PROGRAMS = ["awk", "find", "ip", "kubectl", "mount", "setsid", "umount"];

/** What a `part()` asks for before any pod runs: root, runc and a few programs, and the images, made if need be. */
export async function podRuntime(...images: readonly string[]): Promise<void> {
  if (Deno.uid() !== 0) throw new Error("namespaces, mounts and cgroups need root");
  for (const name of PROGRAMS) await onPath(name);
  await runc();
  for (const image of images) await imageFor(image);
}

/** runc, of the machine or from Debian. */
export async function runc(): Promise<string> {
  return await program("runc", "usr/sbin/runc", "runc");
}

/**
 * Makes one. The guard that cleans up is a process in a session of its own, so that it outlives an interrupted test, and does in
 * every case the same: it removes containers, mounts, namespace, interface and cgroups of that name, and the folder.
 */
export async function scratch(): Promise<Scratch> {
  // By chance and not by count: the files of a test run share a process, and each would begin to count anew.
  const name = `ocp${crypto.getRandomValues(new Uint8Array(4)).toHex()}`;
  const path = join(cacheDir(), "run", name);
  await Deno.mkdir(path, { recursive: true });
  const script = fileURLToPath(new URL("./cleanup.sh", import.meta.url));
  const guard = new Deno.Command("setsid", {
    args: ["sh", script, name, path, await runc()],
    stdin: "piped",
    stdout: "null",
    stderr: Deno.env.get("OPENCLAW_PACK_DEBUG") === undefined ? "null" : "inherit",
  }).spawn();
  await mountDisk(path);
  return {
    name,
    path,
    [Symbol.asyncDispose]: async () => {
      await guard.stdin.close();
      await guard.status;
    },
  };
}

/** More than any test writes; what is not written takes no room. */
const DISK_SIZE = "64G";

/**
 * Mounts an empty file system, whose file is gone from sight at once and from the disk with the mount. Two reasons, both of time: a
 * disk is thrown away in milliseconds, a pod's hundred thousand files are not; and ext4 without a journal, which small virtual machines
 * have, looks for a place for each new file past all that were deleted in the last minutes. Without a loop device the folder is
 * used as it is.
 */
async function mountDisk(folder: string): Promise<void> {
  const script = `
    truncate --size=${DISK_SIZE} "$1.disk"
    mkfs.ext4 -q -F -m 0 -E nodiscard,lazy_itable_init=1,lazy_journal_init=1 "$1.disk" &&
      mount -o loop,noatime,nobarrier,noinit_itable,data=writeback "$1.disk" "$1"
    rm -f "$1.disk"`;
  await new Deno.Command("sh", { args: ["-c", script, "sh", folder], stdout: "null", stderr: "null" }).output();
}
