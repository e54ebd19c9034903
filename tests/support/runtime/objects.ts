/**
 * The objects that kustomize builds from an overlay, with functions to read them.
 *
 * @module
 */

import { join } from "node:path";
import { applyWrite, type PackInput, planWrite } from "openclaw-pack";
import { onPath, runOrThrow } from "../tools.ts";
import { objectsOf } from "../../unit/generate/kubernetes/validate.ts";
import { filesOf, type Json, objectOf } from "../support.ts";
import { type TempDir, tempDir } from "../temp_dir.ts";

/** Returns the objects of an overlay: of the committed tree, or of another configuration's. */
export async function overlay(name: "prod" | "kind" | "kind-eso", input?: PackInput): Promise<Json[]> {
  if (input === undefined) return await build("kustomize", name);
  await using folder = await generatedTree(input);
  return await build(join(folder.path, "kustomize"), name);
}

/** Writes the trees of another configuration to disk. */
export async function generatedTree(input: PackInput): Promise<TempDir> {
  const folder = await tempDir();
  applyWrite(folder.path, await planWrite(folder.path, await filesOf(input)));
  return folder;
}

async function build(folder: string, name: string): Promise<Json[]> {
  const kubectl = await onPath("kubectl");
  return objectsOf((await runOrThrow(kubectl, ["kustomize", join(folder, "overlays", name)])).stdout);
}

/** Returns the files of a ConfigMap or the values of a Secret. */
export function dataOf(objects: readonly Json[], kind: "ConfigMap" | "Secret", name: string): Record<string, string> {
  const { data = {}, stringData = {}, binaryData } = objectOf(objects, kind, name);
  if (binaryData !== undefined) throw new Error(`${kind} ${name}: binaryData is not supported here`);
  const decoded = kind === "Secret"
    ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, atob(value as string)]))
    : data;
  return { ...decoded, ...stringData };
}

/**
 * Returns the objects with a text replaced in a ConfigMap's file, to break a configuration. Throws if the file does not contain
 * the text.
 */
export function withText(objects: readonly Json[], file: string, from: string, to: string): Json[] {
  const text = configFile(objects, file);
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  return withFile(objects, file, text.replace(from, to));
}

/** Returns the objects with a JSON file of a ConfigMap changed. */
export function withJson(objects: readonly Json[], file: string, change: (value: Json) => void): Json[] {
  const value = configJson(objects, file);
  change(value);
  return withFile(objects, file, JSON.stringify(value));
}

/** Returns a JSON file of a ConfigMap. */
export function configJson(objects: readonly Json[], file: string): Json {
  return JSON.parse(configFile(objects, file));
}

/** Returns a file of the only ConfigMap that contains it. */
export function configFile(objects: readonly Json[], file: string): string {
  const found = objects.filter((object) => object.kind === "ConfigMap" && object.data?.[file] !== undefined);
  if (found.length !== 1) throw new Error(`${found.length} ConfigMaps have a file ${file}`);
  return found[0].data[file];
}

function withFile(objects: readonly Json[], file: string, text: string): Json[] {
  return objects.map((object) =>
    object.kind === "ConfigMap" && object.data?.[file] !== undefined
      ? { ...object, data: { ...object.data, [file]: text } }
      : object
  );
}

/** Returns the objects with a container of a Deployment changed, to break a manifest. */
export function withContainer(
  objects: readonly Json[],
  deployment: string,
  container: string,
  change: (container: Json) => void,
): Json[] {
  const changed = structuredClone([...objects]);
  const { spec } = objectOf(changed, "Deployment", deployment).spec.template;
  const found = [...spec.initContainers ?? [], ...spec.containers].find(({ name }) => name === container);
  if (found === undefined) throw new Error(`${deployment} has no container ${container}`);
  change(found);
  return changed;
}
