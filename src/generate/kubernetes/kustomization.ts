/**
 * kustomization.yaml.
 *
 * @module
 */

import type { OutputFile } from "../../output/file.ts";
import { yamlText } from "../../output/text.ts";
import type { ConfigMapSource } from "./config_maps.ts";

/** What a kustomization of this pack may hold. */
export interface Kustomization {
  readonly resources: readonly string[];
  readonly components?: readonly string[];
  readonly generatorOptions?: { readonly labels: Readonly<Record<string, string>> };
  readonly configMapGenerator?: readonly GeneratorEntry[];
  readonly patches?: readonly { readonly path: string }[];
  readonly replacements?: readonly object[];
}

/** A ConfigMap for configMapGenerator. */
export interface GeneratorEntry {
  readonly name: string;
  readonly namespace: string;
  /** Set in an overlay: its files take the place of those of the base's ConfigMap, or join them. */
  readonly behavior?: "merge";
  readonly files: readonly string[];
}

/** The file of a base or an overlay. */
export function kustomizationFile(kustomization: Kustomization): OutputFile {
  return file({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" }, kustomization);
}

/** The file of a component: a part that several overlays take in. */
export function componentFile(kustomization: Kustomization): OutputFile {
  return file({ apiVersion: "kustomize.config.k8s.io/v1alpha1", kind: "Component" }, kustomization);
}

/** The entry of a ConfigMap. */
export function generatorEntry({ name, namespace, files }: ConfigMapSource, behavior?: "merge"): GeneratorEntry {
  return {
    name,
    namespace,
    ...(behavior === undefined ? {} : { behavior }),
    files: files.map(({ key, file: { path } }) => `${key}=${path}`),
  };
}

/** Resources are sorted by name; kustomize orders what it applies by kind. */
function file(head: object, { resources, ...rest }: Kustomization): OutputFile {
  return { path: "kustomization.yaml", text: yamlText({ ...head, resources: resources.toSorted(), ...rest }) };
}
