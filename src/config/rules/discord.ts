/**
 * Rules on the people of Discord.
 *
 * @module
 */

import type { ConfigFinding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

/** OpenClaw would ask for the yes of a person whom it does not listen to. */
export function elevatedMayTalk({ discord }: PackConfig): ConfigFinding[] {
  return discord.elevated.flatMap((id, index): ConfigFinding[] =>
    discord.allowFrom.includes(id)
      ? []
      : [{ path: ["discord", "elevated", index], message: `"${id}" is not in discord.allowFrom; add it there as well` }]
  );
}
