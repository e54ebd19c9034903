/**
 * What kustomize builds of an overlay, as objects to look things up in: what a cluster would hold.
 *
 * @module
 */

import { join } from "node:path";
import { applyWrite, type PackInput, planWrite } from "openclaw-pack";
import { must, onPath } from "../tools.ts";
import { objectsOf } from "../../unit/generate/kubernetes/validate.ts";
import { filesOf, type Json, objectOf } from "../support.ts";
import { type TempDir, tempDir } from "../temp_dir.ts";

/** The objects of an overlay: of the committed tree, or of another configuration's. */
export async function overlay(name: "prod" | "kind" | "kind-eso", input?: PackInput): Promise<Json[]> {
  if (input === undefined) return await build("kustomize", name);
  await using folder = await generatedTree(input);
  return await build(join(folder.path, "kustomize"), name);
}

/** The trees of another configuration, on disk. */
export async function generatedTree(input: PackInput): Promise<TempDir> {
  const folder = await tempDir();
  applyWrite(folder.path, await planWrite(folder.path, await filesOf(input)));
  return folder;
}

async function build(folder: string, name: string): Promise<Json[]> {
  const kubectl = await onPath("kubectl");
  return objectsOf((await must(kubectl, ["kustomize", join(folder, "overlays", name)])).stdout);
}

/** The files of a ConfigMap or the values of a Secret. */
export function dataOf(objects: readonly Json[], kind: "ConfigMap" | "Secret", name: string): Record<string, string> {
  const { data = {}, stringData = {}, binaryData } = objectOf(objects, kind, name);
  if (binaryData !== undefined) throw new Error(`${kind} ${name}: binaryData is not done here`);
  const decoded = kind === "Secret"
    ? Object.fromEntries(Object.entries(data).map(([key, value]) => [key, atob(value as string)]))
    : data;
  return { ...decoded, ...stringData };
}

/** The objects with a text replaced in a ConfigMap's file: how a test breaks a configuration. Fails if the text is not there. */
export function withText(objects: readonly Json[], file: string, from: string, to: string): Json[] {
  const text = configFile(objects, file);
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  return withFile(objects, file, text.replace(from, to));
}

/** The objects with a JSON file of a ConfigMap changed. */
export function withJson(objects: readonly Json[], file: string, change: (value: Json) => void): Json[] {
  const value = configJson(objects, file);
  change(value);
  return withFile(objects, file, JSON.stringify(value));
}

/** A JSON file of a ConfigMap. */
export function configJson(objects: readonly Json[], file: string): Json {
  return JSON.parse(configFile(objects, file));
}

/** A file of the one ConfigMap that has it. */
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

/** The objects with a container of a Deployment changed: how a test breaks a manifest. */
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
