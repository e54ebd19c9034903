/**
 * Formats a drifted file as a few lines for a terminal.
 *
 * @module
 */

import { structuredPatch } from "diff";
import type { Drift } from "./writer.ts";

/** How many lines of one file's diff are shown. */
const MAX_LINES = 20;

/**
 * Returns what is wrong with a file, and where: lines with `-` are on the disk, lines with `+` are what `gen` would write.
 *
 * @example
 * ```ts
 * import { formatDrift } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * const text = formatDrift({ path: "a.yaml", before: "a: 1\n", after: "a: 2\n" });
 * assert.equal(text, "a.yaml: differs\n  @@ line 1 @@\n  -a: 1\n  +a: 2");
 * ```
 */
export function formatDrift({ path, before, after }: Drift): string {
  if (before === undefined) return `${path}: is missing`;
  if (after === undefined) return `${path}: is left over; nothing generates it any more`;
  const { hunks } = structuredPatch(path, path, before, after, "", "", { context: 1 });
  const lines = hunks.flatMap((
    { newStart, lines },
  ) => [`  @@ line ${newStart} @@`, ...lines.map((line) => `  ${line}`)]);
  const shown = lines.slice(0, MAX_LINES);
  const rest = lines.length - shown.length;
  return [`${path}: differs`, ...shown, ...(rest > 0 ? [`  ... and ${rest} more lines`] : [])].join("\n");
}
