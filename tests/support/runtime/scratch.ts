/**
 * A name and a folder for a pod or a network, and the process that cleans up.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDir, onPath } from "../tools.ts";
import { program } from "./debian.ts";
import { imageFor } from "./images.ts";

/** A folder, on its own disk if loop devices exist, with a name that no network interface, network namespace or cgroup uses. */
export interface Scratch extends AsyncDisposable {
  readonly name: string;
  readonly path: string;
}

/** Programs of the machine that pods need in addition to runc. */
const PROGRAMS = ["awk", "find", "ip", "kubectl", "mount", "setsid", "umount"];

/** Checks the requirements of pods for `tool()`: root, runc, a few programs, and the images, which it builds if needed. */
export async function podRuntime(...images: readonly string[]): Promise<void> {
  if (Deno.uid() !== 0) throw new Error("namespaces, mounts and cgroups need root");
  for (const name of PROGRAMS) await onPath(name);
  await runc();
  for (const image of images) await imageFor(image);
}

/** Returns runc of the machine or from Debian. */
export async function runc(): Promise<string> {
  return await program("runc", "usr/sbin/runc", "runc");
}

/**
 * Creates a folder with its guard. The guard is a process in its own session, so that it outlives an interrupted test. It
 * always does the same: it removes containers, mounts, namespace, interface and cgroups with this name, and the folder.
 */
export async function scratch(): Promise<Scratch> {
  // Random instead of a counter: the files of a test run share a process, and each file would start counting again.
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

/** More than any test writes; unused space is not allocated. */
const DISK_SIZE = "64G";

/**
 * Mounts an empty file system whose file is unlinked at once, and freed with the mount. This saves time for two reasons:
 * deleting a disk takes milliseconds, but deleting a pod's hundred thousand files does not; and ext4 without a journal, which
 * small virtual machines use, searches past all files deleted in the last minutes for each new file. Without a loop device the
 * folder is used directly.
 */
async function mountDisk(folder: string): Promise<void> {
  const script = `
    truncate --size=${DISK_SIZE} "$1.disk"
    mkfs.ext4 -q -F -m 0 -E nodiscard,lazy_itable_init=1,lazy_journal_init=1 "$1.disk" &&
      mount -o loop,noatime,nobarrier,noinit_itable,data=writeback "$1.disk" "$1"
    rm -f "$1.disk"`;
  await new Deno.Command("sh", { args: ["-c", script, "sh", folder], stdout: "null", stderr: "null" }).output();
}
