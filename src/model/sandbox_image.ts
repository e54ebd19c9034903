/**
 * The sandbox image's name: its tag is the hash of what it is built from, so a changed Dockerfile gives another image.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import { sha256 } from "../values/hash.ts";
import dockerfile from "../tables/sandbox.Dockerfile" with { type: "text" };

/** The reference that openclaw.json names and the build step makes. */
export async function sandboxImage({ images }: PackConfig): Promise<string> {
  const hash = await sha256(`${images.sandboxBase}\n${dockerfile}`);
  return `openclaw-sandbox:${hash.slice(0, 12)}`;
}
