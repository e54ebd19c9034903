/**
 * Root file systems and single packages from Debian, with debootstrap and apt.
 *
 * @module
 */

import { join } from "node:path";
import { exec, installed, onPath, runOrThrow } from "../tools.ts";

/** Debian releases from which fake images are built. */
export type Suite = "bookworm" | "trixie";

/** Fills a folder with a minimal Debian and some packages, as slim as the images that it replaces. */
export async function debootstrap(folder: string, suite: Suite, packages: readonly string[] = []): Promise<void> {
  const program = await onPath("debootstrap");
  const include = packages.length === 0 ? [] : [`--include=${packages.join(",")}`];
  await runOrThrow(program, ["--variant=minbase", ...include, suite, folder], { env: { LC_ALL: "C" } });
  // What Debian's slim images omit, now and for every package installed later.
  const excluded = ["doc", "groff", "info", "linda", "lintian", "locale", "man"].map((name) => `/usr/share/${name}`);
  const lines = excluded.map((path) => `path-exclude ${path}/*\n`);
  await Deno.writeTextFile(join(folder, "etc/dpkg/dpkg.cfg.d/docker"), lines.join(""));
  // As in all Debian images, apt keeps neither downloads nor caches.
  const clean =
    `{ "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin"; };`;
  const settings = [`DPkg::Post-Invoke ${clean}`, 'Dir::Cache::pkgcache "";', 'Dir::Cache::srcpkgcache "";'];
  await Deno.writeTextFile(
    join(folder, "etc/apt/apt.conf.d/docker-clean"),
    settings.map((line) => `${line}\n`).join(""),
  );
  const gone = [...excluded, "/var/lib/apt/lists", "/var/cache/apt"];
  await runOrThrow("rm", ["-rf", ...gone.map((path) => join(folder, path))]);
}

const unpacked = new Map<string, Promise<string>>();

/** Unpacks a package of the machine's own Debian release into the cache, and returns the folder. */
export function debianPackage(name: string): Promise<string> {
  // Once per process, because apt needs a second of CPU to print a version.
  const known = unpacked.get(name) ?? unpackedPackage(name);
  unpacked.set(name, known);
  return known;
}

async function unpackedPackage(name: string): Promise<string> {
  const { stdout } = await runOrThrow("apt-cache", ["show", "--no-all-versions", name]);
  const version = stdout.match(/^Version: (.*)$/m)?.[1] ?? "";
  return await installed(`debian-${name}-${version.replaceAll(/[^\w.+-]/g, "_")}`, async (folder) => {
    const download = await Deno.makeTempDir();
    try {
      await runOrThrow("apt-get", ["download", "--quiet", name], { cwd: download });
      for await (const { name: file } of Deno.readDir(download)) {
        await runOrThrow("dpkg-deb", ["--extract", join(download, file), folder]);
      }
    } finally {
      await Deno.remove(download, { recursive: true });
    }
  });
}

/** Returns a program of the machine, or of a Debian package if the machine lacks it. */
export async function program(name: string, path: string, debian: string): Promise<string> {
  const found = await onPath(name).catch(() => undefined);
  if (found !== undefined) return found;
  const unpacked = join(await debianPackage(debian), path);
  const { code, stderr } = await exec(unpacked, ["--version"]);
  if (code !== 0) throw new Error(`${debian}'s ${name} does not run here: ${stderr}`);
  return unpacked;
}
