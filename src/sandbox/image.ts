/**
 * The sandbox image's name: its tag is the hash of what it is made from, so that a change in the Dockerfile is another image.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { PackConfig } from "../config/schema.ts";
import dockerfile from "./Dockerfile" with { type: "text" };

/** The reference that openclaw.json names and the build step makes. */
export function sandboxImage({ images }: PackConfig): string {
  const hash = createHash("sha256").update(images.sandboxBase).update("\n").update(dockerfile).digest("hex");
  return `openclaw-sandbox:${hash.slice(0, 12)}`;
}
