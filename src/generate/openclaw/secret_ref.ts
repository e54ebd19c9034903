/**
 * References to secrets in openclaw.json.
 *
 * @module
 */

import type { SecretEnv } from "../../tables/secrets.ts";

/** Returns a reference to a secret in OpenClaw's environment; the file contains only its name. */
export const fromEnv = (id: SecretEnv<"openclaw">) => ({ source: "env", provider: "default", id });
