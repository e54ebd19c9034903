/**
 * A machine within the machine: a cluster runs in its own pid, mount and network namespaces. Its first process ends with the
 * test process, however that ends. The kernel then ends all other processes and removes mounts and networks. The cleanup guard
 * (tests/support/runtime/cleanup.sh) removes files and cgroups. No setting of the host is changed.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Scratch, scratch } from "../runtime/scratch.ts";
import { built } from "./build.ts";
import { cgroupFolders, cniPlugins, containerd } from "./needs.ts";
import { createPki } from "./pki.ts";

/** Address of the node. */
export const NODE_ADDRESS = "10.200.0.1";

/** A running machine. */
export interface Machine extends AsyncDisposable {
  /** Name of its cgroup. */
  readonly name: string;
  /** Folder of its files: `lib` is its /var/lib, `log` its /var/log. */
  readonly folder: string;
  /** Process ID of its first process, as the test process sees it. */
  readonly pid: number;
  /** Prefix that runs a command in the machine. */
  readonly enter: readonly string[];
  /** Starts a program that runs until the machine ends. {@linkcode logOf} returns its output. */
  start(name: string, argv: readonly string[]): Component;
  /** Returns the output of a program so far. */
  logOf(name: string): Promise<string>;
}

/** A running program. */
export interface Component {
  readonly name: string;
  /** Resolves with the reason if the program ends, which is unexpected. */
  readonly ended: Promise<string>;
  /** Kills the program, as a crash would. Its child processes keep running. Resolves when it has ended. */
  kill(): Promise<void>;
}

/** Starts a machine. */
export async function startMachine(): Promise<Machine> {
  const stack = new AsyncDisposableStack();
  try {
    const own = stack.use(await scratch());
    return await boot(own, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function boot({ name, path: folder }: Scratch, stack: AsyncDisposableStack): Promise<Machine> {
  const folderOfThisFile = fileURLToPath(new URL(".", import.meta.url));
  await createPki(join(folder, "pki"), join(folder, "kubeconfig"));
  for (const cgroup of await cgroupFolders()) await Deno.mkdir(join(cgroup, name));
  const init = new Deno.Command("unshare", {
    args: [
      ...["--pid", "--mount", "--net", "--fork", "--mount-proc", "--kill-child"],
      ...["sh", join(folderOfThisFile, "machine.sh"), folder, join(folderOfThisFile, "config"), join(folder, "pki")],
      ...[await cniPlugins(), await built("pause")],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  stack.defer(async () => {
    await init.stdin.close().catch(() => undefined);
    await init.status;
  });
  const line = await init.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  if (line.value?.trim() !== "ready") throw new Error("the machine's namespaces could not be set up");
  const pid = Number(await Deno.readTextFile(`/proc/${init.pid}/task/${init.pid}/children`));
  // The cleanup guard identifies the process by its ID and start time.
  const started = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(" ")[21];
  await Deno.writeTextFile(join(folder, "init"), `${pid} ${started}\n`);
  const enter = ["nsenter", `--target=${pid}`, "--pid", "--mount", "--net", "--"];
  const path = [await containerd(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"].join(":");
  const log = (component: string) => join(folder, "components", `${component}.log`);
  await Deno.mkdir(join(folder, "components"));
  const running: Promise<unknown>[] = [];
  return {
    name,
    folder,
    pid,
    enter,
    start: (component, argv) => {
      const process = new Deno.Command("sh", {
        // The shell only opens the log, and is then replaced by the program.
        args: ["-c", 'exec "$@" >>"$0" 2>&1', log(component), ...enter, ...argv],
        stdin: "null",
        cwd: "/",
        clearEnv: true,
        env: { PATH: path, HOME: "/root" },
      }).spawn();
      const ended = process.status.then(async ({ code }) =>
        `${component} ended with ${code}\n${await tailOf(log(component))}`
      );
      running.push(ended);
      const kill = async () => {
        // nsenter waits for the program and ends with it.
        const child = (await Deno.readTextFile(`/proc/${process.pid}/task/${process.pid}/children`)).trim();
        if (child !== "") Deno.kill(Number(child), "SIGKILL");
        await ended;
      };
      return { name: component, ended, kill };
    },
    logOf: (component) => Deno.readTextFile(log(component)),
    [Symbol.asyncDispose]: async () => {
      await stack.disposeAsync();
      await Promise.all(running);
    },
  };
}

async function tailOf(path: string): Promise<string> {
  return (await Deno.readTextFile(path).catch(() => "")).trimEnd().split("\n").slice(-15).join("\n");
}
