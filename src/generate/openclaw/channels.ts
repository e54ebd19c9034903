/**
 * `channels` of openclaw.json: who may talk to the assistant, and who approves commands outside the sandbox.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { elevatedPeople } from "./elevation.ts";
import { fromEnv } from "./secret_ref.ts";

/** Returns the channels: Discord for the listed users, by direct message only, and no other. */
export function channels({ config }: Model, discord: boolean) {
  return {
    discord: discord
      ? {
        enabled: true,
        token: fromEnv("DISCORD_BOT_TOKEN"),
        // OpenClaw reports an empty allowlist as a mistake; `disabled` also admits no one.
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

/** Returns where approval is requested: in a direct message to each approver, never in a channel that others read. */
function execApprovals(approvers: readonly string[]) {
  return approvers.length > 0 ? { enabled: true, approvers, target: "dm" } : { enabled: false };
}
