/**
 * The working directories of arch, and the labels that tfaction makes of them.
 *
 * @module
 */

/** The working directory for AWS; tfaction calls it the target. */
export const AWS_TARGET = "terraform/aws/openclaw";

/** The working directory for Cloudflare: `cloudflare.directory` of pack.yaml, or one named after the zone. */
export function cloudflareTarget(
  { cloudflare, zone }: { readonly cloudflare: { readonly directory?: string | undefined }; readonly zone: string },
): string {
  return `terraform/${cloudflare.directory ?? `cloudflare/${zone}/openclaw`}`;
}

/** What tfaction puts before a target to make a label of it; its defaults, which arch has. */
const LABEL_PREFIXES = ["target:", "tfmigrate:", "skip:"] as const;
/** Characters that GitHub takes in a label. */
export const LONGEST_LABEL = 50;

/** The longest label that tfaction makes for a target. */
export function longestLabel(target: string): string {
  return LABEL_PREFIXES.map((prefix) => prefix + target).reduce((a, b) => b.length > a.length ? b : a);
}
