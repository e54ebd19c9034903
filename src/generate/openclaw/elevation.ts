/**
 * Commands outside the sandbox: who approves them, and how OpenClaw is held to that. Three parts are needed, because each alone
 * can be bypassed:
 *
 * - `tools.elevated` of openclaw.json admits the messages of some users to elevation.
 * - The approvals document is OpenClaw's lower bound for every command in the gateway's container, whatever a session or a message
 *   requests. It is a row of the state database, so every start writes it again.
 * - The policy, a plugin of the pack, refuses what an approval does not show, and sends every other command to the sandbox.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import { jsonText } from "../../output/text.ts";
import manifest from "./elevation/openclaw.plugin.json" with { type: "text" };
import packageJson from "./elevation/package.json" with { type: "text" };
import policy from "./elevation/policy.mjs" with { type: "text" };

/** The plugin's id. */
export const ELEVATION = "elevation";

/** Returns the IDs of the users who may approve a command outside the sandbox. */
export function elevatedPeople({ discord }: PackConfig): readonly string[] {
  return discord.enabled ? discord.elevated : [];
}

/** Returns the files of the policy and the approvals document, by name. */
export function elevationFiles(config: PackConfig): Record<string, string> {
  return {
    "approvals.json": approvals(elevatedPeople(config)),
    "openclaw.plugin.json": manifest,
    "package.json": packageJson,
    "policy.mjs": policy,
  };
}

/** With `ask: always` an approval counts once, and OpenClaw offers no "always". No answer is a no. */
function approvals(people: readonly string[]): string {
  const security = people.length > 0 ? "allowlist" : "deny";
  const defaults = { security, ask: "always", askFallback: "deny", autoAllowSkills: false };
  return jsonText({ version: 1, defaults, agents: {} });
}
