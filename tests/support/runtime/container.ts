/**
 * Runs one container with runc.
 *
 * @module
 */

import { join } from "node:path";
import { until } from "../cluster/kubectl.ts";
import { exec, type Outcome, runOrThrow } from "../tools.ts";
import type { OciConfig } from "./bundle.ts";
import { runc } from "./scratch.ts";

/** Options for a command in a container. */
export interface ExecOptions {
  /** Variables in addition to the container's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | ReadableStream<Uint8Array>;
  /** When the command is killed, in milliseconds. Default 120 s. */
  readonly timeoutMs?: number;
  /** Instead of the container's own user. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A container that was started. */
export interface Running {
  readonly config: OciConfig;
  /** Resolves with the container's exit status. */
  readonly exited: Promise<number>;
  /** Returns the exit status, or undefined while the container runs. */
  exitCode(): number | undefined;
  /** Returns both of its outputs, from the beginning. */
  logs(): Promise<string>;
  /** Runs a command in it, with its user, environment and capabilities. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<Outcome>;
  /** Sends a signal, by default SIGTERM, and SIGKILL after the grace period. Returns the exit status. */
  stop(graceMs: number, signal?: string): Promise<number>;
  /** Sends SIGKILL. */
  kill(): Promise<number>;
}

/** Returns the exit status of a container that is expected to exit. Throws if it still runs after two minutes. */
export async function ends(container: Running): Promise<number> {
  return await until("the container ends", () => Promise.resolve(container.exitCode()), { timeoutMs: 120_000 });
}

/** The location of a container's files. */
export interface Place {
  /** The pod's folder. */
  readonly folder: string;
  /** Unique in the pod, including restarts. */
  readonly id: string;
}

/** Starts a container on an overlay of the image's root file system. */
export async function startContainer({ folder, id }: Place, rootfs: string, config: OciConfig): Promise<Running> {
  const bundle = join(folder, "bundles", id);
  const path = (name: string) => join(bundle, name);
  for (const name of ["upper", "work", "rootfs"]) await Deno.mkdir(path(name), { recursive: true });
  await Deno.chmod(path("upper"), 0o755);
  const layers = `lowerdir=${rootfs},upperdir=${path("upper")},workdir=${path("work")}`;
  await runOrThrow("mount", ["-t", "overlay", "-o", layers, "overlay", path("rootfs")]);
  await writeJson(path("config.json"), config);
  const root = ["--root", join(folder, "runc")];
  const program = await runc();
  const log = path("log");
  const process = new Deno.Command("sh", {
    // The shell only opens the log, and is then replaced.
    args: ["-c", 'exec "$@" >"$0" 2>&1', log, program, ...root, "run", "--bundle", bundle, id],
    stdin: "null",
  }).spawn();
  let code: number | undefined;
  const exited = process.status.then((status) => code = status.code);
  const signal = async (name: string, all: string[] = []) => {
    if (code === undefined) await exec(program, [...root, "kill", ...all, id, name]);
  };
  const running: Running = {
    config,
    exited,
    exitCode: () => code,
    logs: () => Deno.readTextFile(log).catch(() => ""),
    exec: async (argv, options = {}) => {
      const file = path(`exec-${crypto.randomUUID()}.json`);
      const { env, user } = config.process;
      const added = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
      // From a file, because the environment may contain secrets and every user can read arguments.
      await writeJson(file, {
        ...config.process,
        args: argv,
        env: [...env, ...added],
        user: { ...user, ...options.user },
      });
      try {
        return await execPiped(program, [...root, "exec", "--process", file, id], options);
      } finally {
        await Deno.remove(file).catch(() => undefined);
      }
    },
    stop: async (graceMs, first = "TERM") => {
      await signal(first);
      const timer = setTimeout(() => void signal("KILL"), graceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
    kill: async () => {
      await signal("KILL");
      return await exited;
    },
  };
  await started(program, [...root, "state", id], running);
  return running;
}

/** Waits until the container runs or has exited. */
async function started(program: string, args: readonly string[], running: Running): Promise<void> {
  while (running.exitCode() === undefined) {
    const { code, stdout } = await exec(program, args);
    if (code === 0 && /"status": "(running|stopped)"/.test(stdout)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a command to its end, with its standard input. Kills it when it takes too long. */
export async function execPiped(program: string, args: readonly string[], options: ExecOptions): Promise<Outcome> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 120_000);
  try {
    const { stdin = "" } = options;
    const input = typeof stdin === "string" ? new Blob([stdin]).stream() : stdin;
    // A command may exit without reading.
    const fed = input.pipeTo(child.stdin).catch(() => undefined);
    const { code, stdout, stderr } = await child.output();
    await fed;
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  } finally {
    clearTimeout(timer);
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value), { mode: 0o600 });
}
