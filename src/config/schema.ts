/**
 * The schema of pack.yaml. Every field is optional; the defaults are lolice's own deployment, so that an empty file generates
 * exactly that. The reader, the editor's schema (schema/pack.schema.json) and the reference (docs/configuration.md) all use
 * this schema.
 *
 * @module
 */

import * as v from "valibot";
import type { PackConfig, PackInput } from "../../schema/pack.ts";
import { PLUGINS } from "../tables/pins.ts";
import * as format from "./formats.ts";
import { backup } from "./schema/backup.ts";
import { cloudflare } from "./schema/cloudflare.ts";
import { cluster } from "./schema/cluster.ts";
import { choice, flag, list, section, text } from "./schema/fields.ts";
import { models } from "./schema/models.ts";
import { images, tools } from "./schema/programs.ts";
import { resources } from "./schema/resources.ts";
import { flows, secrets } from "./schema/rows.ts";
import { sandbox } from "./schema/sandbox.ts";

/** The schema of pack.yaml. */
export const PackSchema = v.strictObject({
  hostname: text(format.dnsName, "openclaw.b0xp.io", "Public host name of the assistant, inside `zone`."),
  zone: text(format.dnsName, "b0xp.io", "DNS zone at Cloudflare; also names the Terraform directory."),

  aws: v.optional(
    section({
      accountId: text(format.awsAccountId, "839695154978", "Account that holds the SSM parameters."),
      region: text(format.awsRegion, "ap-northeast-1", "Region of the parameters and of both buckets."),
      stateBucket: text(format.bucket, "tfaction-state", "S3 bucket of Terraform's state."),
      historyBucket: text(format.bucket, "tfaction-history", "S3 bucket of tfmigrate's history."),
      ssmPrefix: text(format.ssmPrefix, "/lolice/openclaw/", "Prefix of every parameter's name."),
    }, "The AWS account that holds the secrets and Terraform's state."),
    {},
  ),

  cloudflare,

  cluster,

  argocd: v.optional(
    section({
      repoUrl: text(format.repoUrl, "git@github.com:boxp/lolice.git", "Repository that Argo CD reads."),
      targetRevision: text(format.gitRevision, "HEAD", "Branch, tag or commit."),
      path: text(format.gitPath, "argoproj/openclaw", "Folder of the repository that contains `base` and `overlays`."),
      project: text(format.dnsLabel, "default", "Argo CD project."),
      namespace: text(format.dnsLabel, "argocd", "Namespace of Argo CD."),
    }, "The Argo CD Application of overlays/prod."),
    {},
  ),

  gateway: v.optional(
    section({
      auth: choice(
        ["token", "cloudflare-access"],
        "token",
        "Who may use the web UI: holders of the gateway token, or everyone whom Cloudflare Access admits.",
      ),
      accessUsers: list(
        format.email,
        [],
        "With `auth: cloudflare-access`: the only e-mail addresses to admit. Empty admits everyone whom Access admits.",
      ),
    }, "OpenClaw's gateway."),
    {},
  ),

  discord: v.optional(
    section({
      enabled: flag(true, "Whether the assistant is on Discord."),
      allowFrom: list(
        format.discordId,
        [],
        "IDs of the Discord users who may talk to the assistant. Empty admits no one.",
      ),
      elevated: list(
        format.discordId,
        [],
        "IDs of the users in `allowFrom` who may allow a command outside the sandbox. Each command waits until one of them approves it in a direct message. Empty keeps every command in the sandbox.",
      ),
      pluginIntegrity: text(
        format.npmIntegrity,
        PLUGINS.discord.integrity,
        "npm's integrity of `@openclaw/discord` at the version of `images.openclaw`: `npm view @openclaw/discord@VERSION dist.integrity`.",
      ),
    }, "Discord."),
    {},
  ),

  models,

  sandbox,

  backup,

  images,

  tools,

  resources,

  secrets,
  flows,
}, "expected a mapping");

export type { PackConfig, PackInput };

/** `true` if two types are the same, and an error of the compiler otherwise. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;

// The types are generated from the schema. An error here says that they are out of date: run deno task docs.
true satisfies Same<PackConfig, v.InferOutput<typeof PackSchema>>;
true satisfies Same<PackInput, v.InferInput<typeof PackSchema>>;
