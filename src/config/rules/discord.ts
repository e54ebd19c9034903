/**
 * Rules on Discord's users and its plugin.
 *
 * @module
 */

import { PLUGINS } from "../../tables/pins.ts";
import { imageVersion } from "../../values/image_reference.ts";
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

/** With the integrity of another version the plugin would not be installed, and the assistant would start without Discord. */
export function pluginMatchesImage({ discord, images }: PackConfig): ConfigFinding[] {
  const version = imageVersion(images.openclaw);
  const { version: pinned, integrity } = PLUGINS.discord;
  if (!discord.enabled || version === pinned || discord.pluginIntegrity !== integrity) return [];
  return [{
    path: ["discord", "pluginIntegrity"],
    message: `is npm's integrity of @openclaw/discord ${pinned}, but images.openclaw is ${version}; ` +
      `write the output of npm view @openclaw/discord@${version} dist.integrity`,
  }];
}
