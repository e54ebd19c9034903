/**
 * What a cluster requires of the machine. Checked before anything starts.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { exec, onPath } from "../tools.ts";
import { debianPackage, program } from "../runtime/debian.ts";
import { runc } from "../runtime/scratch.ts";
import { built, PROGRAM_NAMES } from "./build.ts";
import { givenKubeconfig } from "./given.ts";

/** Programs that must be on the PATH, with the Debian package of each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  go: "golang",
  ip: "iproute2",
  ipset: "ipset",
  iptables: "iptables",
  kubectl: "kubectl",
  mount: "mount",
  nsenter: "util-linux",
  openssl: "openssl",
  setsid: "util-linux",
  sysctl: "procps",
  tar: "tar",
  unshare: "util-linux",
};

/**
 * Checks what a cluster needs, and builds its programs, for `tool()`. Throws an error that names what is missing. A given
 * cluster needs only kubectl.
 */
export async function clusterRuntime(): Promise<void> {
  if (givenKubeconfig() !== undefined) {
    await onPath("kubectl");
    return;
  }
  if (Deno.build.os !== "linux") throw new Error("a node needs Linux");
  if (Deno.uid() !== 0) throw new Error("namespaces, mounts and cgroups need root");
  for (const [name, debian] of Object.entries(PROGRAMS)) {
    await onPath(name).catch(({ message }) => {
      throw new Error(`${message} (Debian: ${debian})`);
    });
  }
  const namespaces = ["--pid", "--mount", "--net", "--fork", "--mount-proc", "true"];
  const { code, stderr } = await exec("unshare", namespaces);
  if (code !== 0) throw new Error(`this process may not create namespaces: ${stderr.trim()}`);
  await iptables();
  await cgroupFolders();
  await containerd();
  await cniPlugins();
  await runc();
  for (const name of PROGRAM_NAMES) await built(name);
}

/** Throws unless a network namespace can filter, translate and match sets of addresses. */
async function iptables(): Promise<void> {
  const steps = [
    "iptables -w -A INPUT -m set --match-set needs src -m conntrack --ctstate NEW -j DROP",
    "iptables -w -t nat -A POSTROUTING -j MASQUERADE",
  ];
  const script = ["set -e", "mount -t tmpfs tmpfs /run", "ipset create needs hash:net", ...steps].join("\n");
  const { code, stderr } = await exec("unshare", ["--net", "--mount", "sh", "-c", script]);
  if (code !== 0) throw new Error(`iptables lacks what a node needs: ${stderr.trim()}`);
}

/** Returns the cgroup hierarchies of a kubelet: one per controller in version 1, or the one of version 2 (untested). */
export async function cgroupFolders(): Promise<string[]> {
  const base = "/sys/fs/cgroup";
  const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
  if (await exists(join(base, "cgroup.controllers"))) return [base];
  const folders: string[] = [];
  for await (const { name } of Deno.readDir(base)) {
    if (await exists(join(base, name, "tasks"))) folders.push(join(base, name));
  }
  if (!folders.includes(join(base, "memory"))) throw new Error(`${base} has no cgroups`);
  return folders;
}

/** Returns the folder with containerd, its shim and ctr, from the machine or from Debian. */
export async function containerd(): Promise<string> {
  return dirname(await program("containerd", "usr/bin/containerd", "containerd"));
}

/** Returns the folder with the CNI plugins, from the machine or from Debian. */
export async function cniPlugins(): Promise<string> {
  for (const folder of ["/usr/lib/cni", "/opt/cni/bin"]) {
    if (await Deno.stat(join(folder, "bridge")).then(() => true, () => false)) return folder;
  }
  return join(await debianPackage("containernetworking-plugins"), "usr/lib/cni");
}
