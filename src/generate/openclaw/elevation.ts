/**
 * Commands outside the sandbox: whose yes they need, and what keeps OpenClaw to it. Three parts, since each alone leaves a way:
 *
 * - `tools.elevated` of openclaw.json says whose messages may ask at all.
 * - The approvals document is OpenClaw's lower bound for every command in the gateway's container, whatever a session or a message
 *   says. It is a row of the state database, so every start writes it anew.
 * - The policy, a plugin of our own, refuses what an approval does not show, and sends every other command to the sandbox.
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

/** IDs of those who may allow a command outside the sandbox. */
export function elevatedPeople({ discord }: PackConfig): readonly string[] {
  return discord.enabled ? discord.elevated : [];
}

/** The files of the policy and the approvals document, by name. */
export function elevationFiles(config: PackConfig): Record<string, string> {
  return {
    "approvals.json": approvals(elevatedPeople(config)),
    "openclaw.plugin.json": manifest,
    "package.json": packageJson,
    "policy.mjs": policy,
  };
}

/** With `ask: always` a yes counts once: OpenClaw offers no "always". No answer means no. */
function approvals(people: readonly string[]): string {
  const security = people.length > 0 ? "allowlist" : "deny";
  const defaults = { security, ask: "always", askFallback: "deny", autoAllowSkills: false };
  return jsonText({ version: 1, defaults, agents: {} });
}
