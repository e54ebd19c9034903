/**
 * The gateway's container, idle, with a workspace, gh and a stub of GitHub. The sandbox's commands run in the same container as
 * the sandbox's user, because here only the owner of the files matters.
 *
 * @module
 */

import { join } from "node:path";

import { type Json, objectOf } from "../support.ts";
import type { Outcome } from "../tools.ts";
import type { ExecOptions } from "./container.ts";
import { GITHUB_HOSTS, GITHUB_TOKEN, type GithubFolder, githubFolder, IDENTITY, startGithub } from "./github.ts";
import { network } from "./network.ts";
import { withContainer } from "./objects.ts";
import { type Pod, startPod } from "./pod.ts";
import { scratch } from "./scratch.ts";

/** The workspace in the gateway's container. */
export const WORKSPACE = "/workspaces/main";
/** The user of the sandbox, who is not the gateway's. */
const SANDBOX_USER = { uid: 1001, gid: 1001 };
const GATEWAY = "openclaw";

/** The running container. */
export interface RepoPod extends AsyncDisposable {
  readonly pod: Pod;
  readonly github: GithubFolder;
  /** The workspace's folder on this machine. */
  readonly workspace: string;
  /** The state volume's folder on this machine. */
  readonly volume: string;
  /** Runs the script as an approved command does. */
  repo(...args: string[]): Promise<Outcome>;
  /** Runs a shell script as an approved command does. */
  gateway(script: string, options?: ExecOptions): Promise<Outcome>;
  /** Runs a shell script in the workspace as the sandbox's user, with git as it is by default. Throws if it fails. */
  sandbox(script: string): Promise<string>;
  /** Runs the same as {@linkcode sandbox}, whatever comes of it. */
  trySandbox(script: string): Promise<Outcome>;
}

/** Starts the container. `gh` is the program of this name. */
export async function startRepoPod(objects: readonly Json[], gh: string): Promise<RepoPod> {
  const stack = new AsyncDisposableStack();
  try {
    const net = stack.use(await network());
    const own = stack.use(await scratch());
    const volume = join(own.path, "volume");
    const folder = join(own.path, "github");
    await Deno.mkdir(folder);
    const github = await githubFolder(folder);
    stack.use(await startGithub(github, net.host));
    await net.addNames(net.host, GITHUB_HOSTS);
    const bin = join(volume, "bin");
    await Deno.mkdir(bin, { recursive: true });
    await Deno.copyFile(gh, join(bin, "gh"));
    const workspace = join(own.path, "workspaces/main");
    await Deno.mkdir(workspace, { recursive: true });
    const idle = withContainer(objects, GATEWAY, GATEWAY, (container) => {
      container.args = ["sleep", "infinity"];
      for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) delete container[probe];
    });
    const { initContainers, containers } = objectOf(idle, "Deployment", GATEWAY).spec.template.spec;
    const path = containers.find(({ name }: Json) =>
      name === GATEWAY
    ).env.find(({ name }: Json) => name === "PATH").value;
    const others = [...initContainers, ...containers].map(({ name }: Json) => name).filter((name) => name !== GATEWAY);
    const pod = stack.use(
      await startPod({
        objects: idle,
        deployment: GATEWAY,
        network: net,
        claims: { "openclaw-data": volume, "openclaw-workspace": join(workspace, "..") },
        secrets: { "openclaw-credentials": { GITHUB_TOKEN } },
        env: { [GATEWAY]: { PATH: `${path}:/home/node/bin` } },
        files: { [GATEWAY]: { "/etc/ssl/certs/ca-certificates.crt": github.ca } },
        without: others,
      }),
    );
    // Both may write to the workspace itself; what the sandbox creates there is its own.
    await Deno.chown(workspace, 1000, 1000);
    await Deno.chmod(workspace, 0o1777);
    const exec = (argv: readonly string[], options: ExecOptions = {}) => pod.exec(GATEWAY, argv, options);
    const plain = ["env", "-i", "PATH=/usr/bin:/bin", "HOME=/tmp/sandbox", "LC_ALL=C.UTF-8"];
    const identity = Object.entries(IDENTITY).map(([name, value]) => `${name}=${value}`);
    const trySandbox = (script: string) =>
      exec([...plain, ...identity, "sh", "-euc", `umask 022; mkdir -p "$HOME"; cd "$0"; ${script}`, WORKSPACE], {
        user: SANDBOX_USER,
      });
    return {
      pod,
      github,
      workspace,
      volume,
      repo: (...args) => exec(["sh", "/etc/openclaw-git/repo.sh", ...args]),
      gateway: (script, options) => exec(["sh", "-c", script], options),
      trySandbox,
      sandbox: async (script) => {
        const { code, stdout, stderr } = await trySandbox(script);
        if (code !== 0) throw new Error(`${script}\n${stdout}${stderr}`);
        return stdout.trim();
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
