/**
 * Parts of an image reference.
 *
 * @module
 */

/** Returns the tag of `name:tag@sha256:digest`. */
export function imageTag(reference: string): string {
  const [named = ""] = reference.split("@");
  return named.slice(named.lastIndexOf(":") + 1);
}

/** Returns the tag as a plain version: `v1.104.2` and `1.104.2` are both `1.104.2`. */
export function imageVersion(reference: string): string {
  return imageTag(reference).replace(/^v/, "");
}
