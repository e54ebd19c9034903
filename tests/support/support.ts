/**
 * Generated files for tests.
 *
 * @module
 */

import assert from "node:assert/strict";
import { generate, type OutputFile, type PackInput, readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { buildModel, type Model } from "../../src/model/model.ts";
import { objectsOf } from "../unit/generate/kubernetes/validate.ts";

/** The ssh sandbox with all its required fields. */
export const SSH: PackInput = {
  sandbox: { backend: "ssh", image: "registry.example.com/openclaw-sandbox-ssh:1.0.0" },
};

/** Backups that are copied to S3. */
export const S3: PackInput = { backup: { s3: { bucket: "example-backups" } } };

/** Returns the model of a configuration. */
export async function modelOf(input: PackInput = {}): Promise<Model> {
  return await buildModel(readPack(stringify(input)).config);
}

/** Returns every generated file of a configuration. */
export async function filesOf(input: PackInput = {}): Promise<OutputFile[]> {
  return await generate(readPack(stringify(input)).config);
}

/** Returns the text of one generated file. */
export function textOf(files: readonly OutputFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  assert.ok(file, `${path} is not generated`);
  return file.text;
}

/** Returns a generated JSON file. */
export function jsonOf(files: readonly OutputFile[], path: string): Json {
  return JSON.parse(textOf(files, path)) as Json;
}

/** A value of any structure; missing properties are undefined. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** Returns the objects of `kustomize/base`, without its kustomization. */
export function baseObjects(files: readonly OutputFile[]): Json[] {
  return files
    .filter(({ path }) => /^kustomize\/base\/(?!config\/).*\.yaml$/.test(path) && !path.endsWith("kustomization.yaml"))
    .flatMap(({ text }) => objectsOf(text));
}

/** Returns the only object with a kind and name. */
export function objectOf(objects: readonly Json[], kind: string, name: string): Json {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  assert.equal(found.length, 1, `${kind} ${name}`);
  return found[0];
}
