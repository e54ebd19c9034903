/**
 * The generated Terraform directories for terraform_test.ts.
 *
 * @module
 */

import assert from "node:assert/strict";
import { generate, type OutputFile, type PackInput, readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { GROUP_KINDS } from "../../../src/config/schema/cloudflare.ts";
import type { TerraformJson } from "./schemas.ts";

/** The files of one working directory: names to texts. */
export type Files = ReadonlyMap<string, string>;

/** Every kind of rule for Access, and the monitor's token. */
const NARROWED: NonNullable<PackInput["cloudflare"]>["access"] = {
  emails: ["a@example.com", "b@example.com"],
  githubOrganizations: [{ name: "boxp" }, { name: "boxp", team: "admins" }],
  groups: GROUP_KINDS.map((kind) => ({ kind, id: `${kind}-group` })),
  healthToken: true,
};

/** The packs to test. The faults are put into directories of packs that users do not edit. */
const PACKS = [
  { pack: "an empty pack.yaml", text: "" },
  { pack: "cloudflare.provider 5", text: "cloudflare:\n  provider: 5\n" },
  { pack: "Access narrowed", text: stringify({ cloudflare: { provider: 4, access: NARROWED } }) },
  { pack: "Access narrowed with provider 5", text: stringify({ cloudflare: { provider: 5, access: NARROWED } }) },
  { pack: "pack.yaml", text: await Deno.readTextFile("pack.yaml") },
] as const;

/** The names of targets. */
export const AWS = "terraform/aws/openclaw of an empty pack.yaml";
export const CLOUDFLARE = "terraform/cloudflare/b0xp.io/openclaw of an empty pack.yaml";
export const CLOUDFLARE_5 = "terraform/cloudflare/b0xp.io/openclaw of cloudflare.provider 5";
export const NARROWED_4 = "terraform/cloudflare/b0xp.io/openclaw of Access narrowed";
export const NARROWED_5 = "terraform/cloudflare/b0xp.io/openclaw of Access narrowed with provider 5";

/** Every directory of every pack; identical directories are tested once. */
export const targets = (await Promise.all(PACKS.map(async ({ pack, text }) => {
  const files = await generate(readPack(text).config);
  return directoriesOf(files).map((path) => ({ name: `${path} of ${pack}`, files: below(files, path) }));
}))).flat()
  .filter(({ files }, index, all) => all.findIndex((other) => sameFiles(other.files, files)) === index);

/** Returns the working directories by tfaction's rule: every folder with a tfaction.yaml. */
export function directoriesOf(files: readonly OutputFile[]): string[] {
  return files.flatMap(({ path }) => path.endsWith("/tfaction.yaml") ? [path.slice(0, -"/tfaction.yaml".length)] : []);
}

/** Returns the files below a path. */
export function below(files: readonly OutputFile[], path: string): Files {
  return new Map(
    files.flatMap((file) => file.path.startsWith(`${path}/`) ? [[file.path.slice(path.length + 1), file.text]] : []),
  );
}

function sameFiles(some: Files, others: Files): boolean {
  return JSON.stringify([...some]) === JSON.stringify([...others]);
}

/** Returns the files of a directory by the name of its target. */
export function target(name: string): Files {
  const found = targets.find((row) => row.name === name);
  assert.ok(found, `${name} is not generated`);
  return found.files;
}

/** Returns a directory's Terraform JSON. */
export function jsonOf(files: Files): TerraformJson[] {
  return [...files].flatMap(([name, text]) => name.endsWith(".tf.json") ? [JSON.parse(text) as TerraformJson] : []);
}

/** Returns the addresses of all managed resources, in order. */
export function addresses(files: Files): string[] {
  const rows = jsonOf(files).flatMap(({ resource = {} }) => Object.entries(resource));
  return rows.flatMap(([type, named]) => Object.keys(named as object).map((name) => `${type}.${name}`)).toSorted();
}
