/**
 * The conditions of the tables, evaluated for one configuration.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import type { Condition } from "../tables/secrets.ts";

const CONDITIONS: Readonly<Record<Condition, (config: PackConfig) => boolean>> = {
  "gateway.auth: token": ({ gateway }) => gateway.auth === "token",
  "gateway.auth: cloudflare-access": ({ gateway }) => gateway.auth === "cloudflare-access",
  "discord.enabled": ({ discord }) => discord.enabled,
  "sandbox.backend: ssh": ({ sandbox }) => sandbox.backend === "ssh",
  "backup.s3": ({ backup }) => backup.enabled && backup.s3 !== undefined,
};

/** Returns whether a configuration meets a condition. */
export function meets(config: PackConfig, condition: Condition): boolean {
  return CONDITIONS[condition](config);
}

/** Returns whether a row applies to a configuration: always, unless the row has a condition. */
export function applies(config: PackConfig, { when }: { readonly when?: Condition }): boolean {
  return when === undefined || meets(config, when);
}
