/**
 * One container, run by runc.
 *
 * @module
 */

import { join } from "node:path";
import { until } from "../cluster/kubectl.ts";
import { exec, must, type Outcome } from "../tools.ts";
import type { OciConfig } from "./bundle.ts";
import { runc } from "./scratch.ts";

/** How a command in a container is run. */
export interface ExecOptions {
  /** Added to the container's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | ReadableStream<Uint8Array>;
  /** Until the command is killed; by default 120 s. */
  readonly timeoutMs?: number;
  /** Instead of the container's own user. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A container that was started. */
export interface Running {
  readonly config: OciConfig;
  /** Ends with the container's exit status. */
  readonly exited: Promise<number>;
  /** Undefined while it runs. */
  exitCode(): number | undefined;
  /** Both of its outputs, from the beginning. */
  logs(): Promise<string>;
  /** Runs a command in it, with its user, environment and rights. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<Outcome>;
  /** A signal, by default SIGTERM, and SIGKILL after the time of grace; gives the exit status. */
  stop(graceMs: number, signal?: string): Promise<number>;
  /** SIGKILL. */
  kill(): Promise<number>;
}

/** The exit status of a container that is to end by itself. Throws after two minutes if it still runs. */
export async function ends(container: Running): Promise<number> {
  return await until("the container ends", () => Promise.resolve(container.exitCode()), { timeoutMs: 120_000 });
}

/** Where a container's files are kept. */
export interface Place {
  /** The pod's folder. */
  readonly folder: string;
  /** Unique in the pod, with restarts. */
  readonly id: string;
}

/** Starts a container on an overlay over the image's root file system. */
export async function startContainer({ folder, id }: Place, rootfs: string, config: OciConfig): Promise<Running> {
  const bundle = join(folder, "bundles", id);
  const path = (name: string) => join(bundle, name);
  for (const name of ["upper", "work", "rootfs"]) await Deno.mkdir(path(name), { recursive: true });
  await Deno.chmod(path("upper"), 0o755);
  const layers = `lowerdir=${rootfs},upperdir=${path("upper")},workdir=${path("work")}`;
  await must("mount", ["-t", "overlay", "-o", layers, "overlay", path("rootfs")]);
  await writeJson(path("config.json"), config);
  const root = ["--root", join(folder, "runc")];
  const program = await runc();
  const log = path("log");
  const process = new Deno.Command("sh", {
    // The shell is replaced; it only opens the log.
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
      // From a file, since the environment may hold secrets and arguments are everybody's to read.
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

/** Waits until the container runs, or has ended already. */
async function started(program: string, args: readonly string[], running: Running): Promise<void> {
  while (running.exitCode() === undefined) {
    const { code, stdout } = await exec(program, args);
    if (code === 0 && /"status": "(running|stopped)"/.test(stdout)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a command to its end, fed on standard input; killed when it takes too long. */
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
    // A command may end without reading.
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
