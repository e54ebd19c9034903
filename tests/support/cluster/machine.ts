/**
 * A machine within the machine: namespaces of its own for processes, mounts and network, in which a cluster runs. Its first process
 * ends with the test process, whatever ends that; the kernel then ends all others and takes mounts and network away. Files and
 * cgroups are left, and are the guard's (tests/support/runtime/cleanup.sh). No setting of the machine is changed.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Scratch, scratch } from "../runtime/scratch.ts";
import { built } from "./build.ts";
import { cgroupFolders, cniPlugins, containerd } from "./needs.ts";
import { makePki } from "./pki.ts";

/** Address of the node. */
export const NODE_ADDRESS = "10.200.0.1";

/** A machine that runs. */
export interface Machine extends AsyncDisposable {
  /** Of its cgroup. */
  readonly name: string;
  /** With its files: `lib` is its /var/lib, `log` its /var/log. */
  readonly folder: string;
  /** Its first process, as the test process sees it. */
  readonly pid: number;
  /** What makes a command run in it. */
  readonly enter: readonly string[];
  /** Starts a program that runs until the end. Its output goes to {@linkcode logOf}. */
  start(name: string, argv: readonly string[]): Component;
  /** The output of a program so far. */
  logOf(name: string): Promise<string>;
}

/** A program that was started. */
export interface Component {
  readonly name: string;
  /** Resolves with the reason if it ends; it should not. */
  readonly ended: Promise<string>;
  /** Ends it at once, as a crash would; what it started itself goes on. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Makes one. */
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
  const here = fileURLToPath(new URL(".", import.meta.url));
  await makePki(join(folder, "pki"), join(folder, "kubeconfig"));
  for (const cgroup of await cgroupFolders()) await Deno.mkdir(join(cgroup, name));
  const init = new Deno.Command("unshare", {
    args: [
      ...["--pid", "--mount", "--net", "--fork", "--mount-proc", "--kill-child"],
      ...["sh", join(here, "machine.sh"), folder, join(here, "config"), join(folder, "pki")],
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
  const said = await init.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  if (said.value?.trim() !== "ready") throw new Error("the machine's namespaces could not be set up");
  const pid = Number(await Deno.readTextFile(`/proc/${init.pid}/task/${init.pid}/children`));
  // Where the guard finds it, by its number and its start.
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
        // The shell is replaced; it only opens the log.
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
        // nsenter waits for the program, and ends with it.
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
