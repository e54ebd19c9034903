/**
 * The name of the sandbox image. Its tag is the hash of what it is built from, so a changed Dockerfile results in another tag.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import { sha256 } from "../values/hash.ts";
import dockerfile from "../tables/sandbox.Dockerfile" with { type: "text" };

/** Returns the reference of the image that openclaw.json names and build-image.sh builds. */
export async function sandboxImage({ images }: PackConfig): Promise<string> {
  const hash = await sha256(`${images.sandboxBase}\n${dockerfile}`);
  return `openclaw-sandbox:${hash.slice(0, 12)}`;
}
