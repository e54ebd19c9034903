/**
 * The working directories of arch, and the labels that tfaction derives from them.
 *
 * @module
 */

/** The working directory for AWS; tfaction calls it the target. */
export const AWS_TARGET = "terraform/aws/openclaw";

/** Returns the working directory for Cloudflare: `cloudflare.directory` of pack.yaml, or one named after the zone. */
export function cloudflareTarget(
  { cloudflare, zone }: { readonly cloudflare: { readonly directory?: string | undefined }; readonly zone: string },
): string {
  return `terraform/${cloudflare.directory ?? `cloudflare/${zone}/openclaw`}`;
}

/** The prefixes that tfaction puts before a target to form its labels. arch uses tfaction's defaults. */
const LABEL_PREFIXES = ["target:", "tfmigrate:", "skip:"] as const;
/** The maximum length of a label at GitHub. */
export const MAX_LABEL_LENGTH = 50;

/** Returns the longest label that tfaction creates for a target. */
export function longestLabel(target: string): string {
  return LABEL_PREFIXES.map((prefix) => prefix + target).reduce((a, b) => b.length > a.length ? b : a);
}
