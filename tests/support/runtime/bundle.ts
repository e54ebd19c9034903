/**
 * Converts a container of a pod's spec to an OCI bundle's config.json: the settings of the image, overridden by the spec.
 *
 * @module
 */

import { join } from "node:path";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { toBytes, toMillicores } from "../../../src/values/quantity.ts";
import type { Image } from "./images.ts";
import { runtimeDefault } from "./seccomp.ts";
import type { Mount } from "./volumes.ts";

/** The input for a container. */
export interface BundleContext {
  readonly spec: IPodSpec;
  readonly container: IContainer;
  readonly image: Image;
  /** The environment with resolved values. */
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** Name of the pod's network namespace and cgroup. */
  readonly pod: string;
  readonly hostname: string;
}

/** The default capabilities of a container: CRI-O's default set. */
const DEFAULT_CAPABILITIES = [
  ...["CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "KILL"],
];

/** The capabilities by number, as in linux/capability.h. */
const CAPABILITIES = [
  ...["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP"],
  ...["LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER"],
  ...["SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE"],
  ...["SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP"],
  ...["MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF"],
  "CHECKPOINT_RESTORE",
];

/** Returns the config.json. */
export async function ociConfig(context: BundleContext): Promise<OciConfig> {
  const { spec, container, image, env, mounts, pod, hostname } = context;
  const security = { ...spec.securityContext, ...container.securityContext };
  const privileged = container.securityContext?.privileged === true;
  const capabilities = await capabilitiesOf(container);
  const confined = !privileged && security.seccompProfile?.type === "RuntimeDefault";
  const command = container.command ?? image.config.entrypoint;
  const args = container.args ?? (container.command === undefined ? image.config.cmd : []);
  return {
    ociVersion: "1.0.2",
    hostname,
    root: { path: "rootfs", readonly: container.securityContext?.readOnlyRootFilesystem === true },
    process: {
      terminal: false,
      user: await userOf(context),
      args: [...command, ...args],
      env: Object.entries({ ...image.config.env, HOSTNAME: hostname, ...env }).map(([name, value]) =>
        `${name}=${value}`
      ),
      cwd: container.workingDir ?? image.config.workingDir,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: container.securityContext?.allowPrivilegeEscalation === false,
    },
    mounts: [...systemMounts(privileged), ...mounts],
    linux: {
      cgroupsPath: `/${pod}/${container.name}`,
      namespaces: [
        { type: "network", path: `/run/netns/${pod}` },
        ...["pid", "ipc", "uts", "mount"].map((type) => ({ type })),
      ],
      resources: { devices: [{ allow: privileged, access: "rwm" }], ...limitsOf(container) },
      ...(privileged ? {} : PATHS_OF_PROC),
      ...(confined ? { seccomp: await runtimeDefault(capabilities) } : {}),
    },
  };
}

/** The parts of a config.json that this harness writes, and reads for `exec`. */
export interface OciConfig {
  readonly process: {
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly user: User;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

interface User {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** Returns the user of the spec or the image, with the groups of the image's /etc/group and the pod. */
async function userOf({ spec, container, image }: BundleContext): Promise<User> {
  const pod = spec.securityContext ?? {};
  const security = { ...pod, ...container.securityContext };
  const uid = security.runAsUser ?? Number(image.config.user || 0);
  if (Number.isNaN(uid)) throw new Error(`${container.name}: the image's user is not a number`);
  // A kubelet refuses this too.
  if (security.runAsNonRoot && uid === 0) {
    throw new Error(`${container.name}: runAsNonRoot, and the image runs as root`);
  }
  const fields = async (file: string) =>
    (await Deno.readTextFile(join(image.rootfs, "etc", file))).split("\n").map((line) => line.split(":"));
  const entry = (await fields("passwd")).find(([, , id]) => id === String(uid));
  const groups = (await fields("group")).filter(([, , , members]) =>
    entry && members?.split(",").includes(entry[0] ?? "")
  );
  return {
    uid,
    gid: security.runAsGroup ?? Number(entry?.[3] ?? 0),
    additionalGids: [
      ...groups.map(([, , id]) => Number(id)),
      ...(pod.supplementalGroups ?? []),
      ...(pod.fsGroup === undefined ? [] : [pod.fsGroup]),
    ],
  };
}

/** Returns the capabilities of this process, for a privileged container. */
async function capabilitiesOf({ securityContext: security }: IContainer): Promise<string[]> {
  const bounding = BigInt(`0x${(await Deno.readTextFile("/proc/self/status")).match(/^CapBnd:\s*(\w+)$/m)?.[1]}`);
  const possible = CAPABILITIES.filter((_, number) => (bounding >> BigInt(number)) & 1n);
  if (security?.privileged) return possible.map((name) => `CAP_${name}`);
  const dropped = security?.capabilities?.drop ?? [];
  const kept = dropped.includes("ALL") ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.includes(name));
  return [...kept, ...(security?.capabilities?.add ?? [])].map((name) => `CAP_${name}`);
}

/** Returns the limits of memory and CPU; only a scheduler uses the requests. */
function limitsOf({ resources }: IContainer) {
  const { memory, cpu } = resources?.limits ?? {};
  return {
    ...(memory === undefined ? {} : { memory: { limit: toBytes(String(memory)) } }),
    ...(cpu === undefined ? {} : { cpu: { period: 100_000, quota: toMillicores(String(cpu)) * 100 } }),
  };
}

/** The parts of /proc and /sys that a runtime hides from unprivileged containers. */
const PATHS_OF_PROC = {
  maskedPaths: [
    ...["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list"],
    ...["/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
  ],
  readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
};

function systemMounts(privileged: boolean): Mount[] {
  const access = privileged ? "rw" : "ro";
  const mount = (destination: string, type: string, ...options: string[]): Mount => ({
    destination,
    type,
    source: type,
    options: ["nosuid", ...options],
  });
  return [
    mount("/proc", "proc", "noexec", "nodev"),
    mount("/dev", "tmpfs", "strictatime", "mode=755", "size=65536k"),
    mount("/dev/pts", "devpts", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
    mount("/dev/mqueue", "mqueue", "noexec", "nodev"),
    mount("/dev/shm", "tmpfs", "noexec", "nodev", "mode=1777", "size=65536k"),
    mount("/sys", "sysfs", "noexec", "nodev", access),
    mount("/sys/fs/cgroup", "cgroup", "noexec", "nodev", "relatime", access),
  ];
}
