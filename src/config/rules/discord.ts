/**
 * Rules on the users of Discord.
 *
 * @module
 */

import type { ConfigFinding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

/** OpenClaw would ask a user for approval whose messages it ignores. */
export function elevatedMayTalk({ discord }: PackConfig): ConfigFinding[] {
  return discord.elevated.flatMap((id, index): ConfigFinding[] =>
    discord.allowFrom.includes(id)
      ? []
      : [{ path: ["discord", "elevated", index], message: `"${id}" is not in discord.allowFrom; add it there as well` }]
  );
}
