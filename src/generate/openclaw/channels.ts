/**
 * `channels` of openclaw.json: who may talk to the assistant, and with whom a command outside the sandbox is asked for.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { elevatedPeople } from "./elevation.ts";
import { fromEnv } from "./secret_ref.ts";

/** Discord for the listed people, by direct message alone; no other channel. */
export function channels({ config }: Model, discord: boolean) {
  return {
    discord: discord
      ? {
        enabled: true,
        token: fromEnv("DISCORD_BOT_TOKEN"),
        // OpenClaw calls an empty allowlist a mistake; both admit nobody.
        dmPolicy: config.discord.allowFrom.length > 0 ? "allowlist" : "disabled",
        allowFrom: config.discord.allowFrom,
        groupPolicy: "allowlist",
        guilds: {},
        configWrites: false,
        contextVisibility: "allowlist",
        allowBots: false,
        joinIntro: false,
        dm: { groupEnabled: false },
        execApprovals: execApprovals(elevatedPeople(config)),
      }
      : { enabled: false },
    telegram: { enabled: false },
    whatsapp: { enabled: false },
  };
}

/** Where a yes is asked for: with each person of the list alone, never in a channel that others read. */
function execApprovals(approvers: readonly string[]) {
  return approvers.length > 0 ? { enabled: true, approvers, target: "dm" } : { enabled: false };
}
