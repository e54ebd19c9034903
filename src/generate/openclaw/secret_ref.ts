/**
 * References to secrets in openclaw.json.
 *
 * @module
 */

/** A secret that OpenClaw takes from its environment; the file holds the name alone. */
export const fromEnv = (id: string) => ({ source: "env", provider: "default", id });
