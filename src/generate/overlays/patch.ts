/**
 * Strategic merge patches of the overlays.
 *
 * @module
 */

import type { OutputFile } from "../../output/file.ts";
import { yamlText } from "../../output/text.ts";
import type { Comment } from "../../output/yaml.ts";

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

/** Returns the file of a patch, named after its target. */
export function patchFile(patch: PatchTarget & Record<string, unknown>, comments: readonly Comment[] = []): OutputFile {
  return { path: `patch-${patch.kind.toLowerCase()}-${patch.metadata.name}.yaml`, text: yamlText(patch, comments) };
}

/** Returns a patch that deletes an object of the base. */
export function deletePatch(target: PatchTarget): OutputFile {
  return patchFile({ ...target, $patch: "delete" });
}
