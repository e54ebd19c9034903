/**
 * kustomization.yaml.
 *
 * @module
 */

import type { OutputFile } from "../../output/file.ts";
import { yamlText } from "../../output/text.ts";
import type { ConfigMapSource } from "./config_maps.ts";

/** The fields of a kustomization that this pack uses. */
export interface Kustomization {
  readonly resources: readonly string[];
  readonly components?: readonly string[];
  readonly generatorOptions?: { readonly labels: Readonly<Record<string, string>> };
  readonly configMapGenerator?: readonly GeneratorEntry[];
  readonly patches?: readonly { readonly path: string }[];
  readonly replacements?: readonly object[];
  /** Labels of every object; selectors and pods do not get them. */
  readonly labels?: readonly { readonly pairs: Readonly<Record<string, string>> }[];
}

/** A ConfigMap for configMapGenerator. */
export interface GeneratorEntry {
  readonly name: string;
  readonly namespace: string;
  /** Set in an overlay: its files replace those in the base's ConfigMap, or are added to them. */
  readonly behavior?: "merge";
  readonly files: readonly string[];
}

/** Returns the file of a base or an overlay. */
export function kustomizationFile(kustomization: Kustomization): OutputFile {
  return file({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" }, kustomization);
}

/** Returns the file of a component, which several overlays can include. */
export function componentFile(kustomization: Kustomization): OutputFile {
  return file({ apiVersion: "kustomize.config.k8s.io/v1alpha1", kind: "Component" }, kustomization);
}

/** Returns the entry of a ConfigMap. */
export function generatorEntry({ name, namespace, files }: ConfigMapSource, behavior?: "merge"): GeneratorEntry {
  return {
    name,
    namespace,
    ...(behavior === undefined ? {} : { behavior }),
    files: files.map(({ key, file: { path } }) => `${key}=${path}`),
  };
}

/** Returns the file with resources sorted by name; kustomize itself orders objects by kind. */
function file(head: object, { resources, ...rest }: Kustomization): OutputFile {
  return { path: "kustomization.yaml", text: yamlText({ ...head, resources: resources.toSorted(), ...rest }) };
}
