/**
 * The seccomp profile for `RuntimeDefault`: CRI-O's built-in profile, from Debian's package of the same library, converted from
 * that library's format to that of an OCI runtime.
 *
 * @module
 */

import { join } from "node:path";
import { debianPackage } from "./debian.ts";

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly unknown[];
  readonly errnoRet?: number;
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

interface Condition {
  readonly arches?: readonly string[];
  readonly caps?: readonly string[];
}

interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet: number;
  readonly archMap: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] }[];
  readonly syscalls: readonly Rule[];
}

/** Returns the profile for a container with these capabilities, as `linux.seccomp` of its config.json. */
export async function runtimeDefault(capabilities: readonly string[]): Promise<unknown> {
  const folder = await debianPackage("golang-github-containers-common");
  const text = await Deno.readTextFile(join(folder, "usr/share/containers/seccomp.json"));
  const { defaultAction, defaultErrnoRet, archMap, syscalls } = JSON.parse(text) as Profile;
  const machine = archMap.find(({ architecture }) => architecture === "SCMP_ARCH_X86_64");
  const meets = ({ arches, caps }: Condition) =>
    (arches === undefined || arches.includes("amd64")) &&
    (caps === undefined || caps.every((capability) => capabilities.includes(capability)));
  const isEmpty = ({ arches, caps }: Condition) => arches === undefined && caps === undefined;
  return {
    defaultAction,
    defaultErrnoRet,
    architectures: machine === undefined ? [] : [machine.architecture, ...machine.subArchitectures],
    syscalls: syscalls
      .filter(({ includes = {}, excludes = {} }) => meets(includes) && (isEmpty(excludes) || !meets(excludes)))
      .map(({ names, action, args, errnoRet }) => ({
        names,
        action,
        ...(args?.length ? { args } : {}),
        ...(errnoRet === undefined ? {} : { errnoRet }),
      })),
  };
}
