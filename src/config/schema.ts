/**
 * What pack.yaml may say. Every field is optional; the defaults are lolice's own deployment, so that
 * an empty file generates exactly that. This one schema is the reader's, the editor's (schema/pack.schema.json) and the
 * documentation's (docs/configuration.md).
 *
 * @module
 */

import * as v from "valibot";
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
  hostname: text(format.dnsName, "openclaw.b0xp.io", "Public host name of the assistant; lies in `zone`."),
  zone: text(format.dnsName, "b0xp.io", "DNS zone at Cloudflare; names the Terraform directory, too."),

  aws: v.optional(
    section({
      accountId: text(format.awsAccountId, "839695154978", "Account that holds the SSM parameters."),
      region: text(format.awsRegion, "ap-northeast-1", "Region of the parameters and of both buckets."),
      stateBucket: text(format.bucket, "tfaction-state", "S3 bucket of Terraform's state."),
      historyBucket: text(format.bucket, "tfaction-history", "S3 bucket of tfmigrate's history."),
      ssmPrefix: text(format.ssmPrefix, "/lolice/openclaw/", "What every parameter's name begins with."),
    }, "Where the secrets live."),
    {},
  ),

  cloudflare,

  cluster,

  argocd: v.optional(
    section({
      repoUrl: text(format.repoUrl, "git@github.com:boxp/lolice.git", "Repository that Argo CD reads."),
      targetRevision: text(format.gitRevision, "HEAD", "Branch, tag or commit."),
      path: text(format.gitPath, "argoproj/openclaw", "Folder there that takes `base` and `overlays`."),
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
        "Who may use the web UI: holders of the gateway token, or whoever Cloudflare Access let in.",
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
        "IDs of the Discord users who may talk to it. Empty admits nobody.",
      ),
      elevated: list(
        format.discordId,
        [],
        "IDs of those users of `allowFrom` who may have it run a command outside the sandbox. Each command waits for the yes of one of them, in a direct message. Empty keeps every command in the sandbox.",
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

/** A pack.yaml that was read: every field is there. */
export type PackConfig = v.InferOutput<typeof PackSchema>;
/** A pack.yaml as it is written: every field may be missing. */
export type PackInput = v.InferInput<typeof PackSchema>;
