/**
 * Strategic merge patches, which overlays consist of.
 *
 * @module
 */

import type { OutputFile } from "../../output/file.ts";
import { type Comment, yamlText } from "../../output/text.ts";

/** The object that a patch changes. */
export interface PatchTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: object;
    readonly labels?: object;
  };
}

/** A patch as its file, named for what it changes. */
export function patchFile(patch: PatchTarget & Record<string, unknown>, comments: readonly Comment[] = []): OutputFile {
  return { path: `patch-${patch.kind.toLowerCase()}-${patch.metadata.name}.yaml`, text: yamlText(patch, comments) };
}

/** A patch that takes an object of the base away. */
export function deletePatch(target: PatchTarget): OutputFile {
  return patchFile({ ...target, $patch: "delete" });
}
