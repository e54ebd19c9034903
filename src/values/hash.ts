/**
 * SHA-256 by Web Crypto, which is there already; loading node:crypto takes as long as a tenth of a whole `gen`.
 *
 * @module
 */

/** The hash of a text in hexadecimal. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
