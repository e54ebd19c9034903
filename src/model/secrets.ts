/**
 * Which workload may read which secret in one deployment. No other secrets exist.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import {
  BUILT_IN_SECRETS,
  line,
  LOCAL_PASSWORD,
  S3_SECRETS,
  type SecretReader,
  type SecretRow,
  type SecretSource,
  SSH_SECRETS,
  TUNNEL_TOKEN,
} from "../tables/secrets.ts";
import { LINE, type SecretFormat } from "../values/secret_format.ts";

/** One secret. */
export interface Secret {
  /** Last part of the parameter's name, and the key in the Kubernetes Secret. */
  readonly name: string;
  /** Full name of the SSM parameter. */
  readonly parameter: string;
  /** Name of the Terraform resource `aws_ssm_parameter.<resource>`. */
  readonly resource: string;
  /** The parameter's description. */
  readonly description: string;
  /** Who reads it, and how. */
  readonly readers: readonly SecretReader[];
  /** How a person obtains the value. */
  readonly source: SecretSource;
  /** What its value must look like. */
  readonly format: SecretFormat;
  /** A fake value for trials, plainly not a secret. */
  readonly fake: string;
}

/**
 * Returns who reads a built-in secret in this configuration. No workload reads the bot token without Discord, because it would
 * make OpenClaw download the Discord plugin. A parameter without a reader stays in SSM: Terraform must not delete it.
 */
function readersOf({ name, readers }: SecretRow, { discord, gateway }: PackConfig): readonly SecretReader[] {
  if (name === "OPENCLAW_GATEWAY_TOKEN" && gateway.auth === "cloudflare-access") return [LOCAL_PASSWORD];
  return name === "DISCORD_BOT_TOKEN" && !discord.enabled ? [] : readers;
}

/** Returns whether archives are copied out of the cluster. */
export function copiesToS3({ backup }: PackConfig): boolean {
  return backup.enabled && backup.s3 !== undefined;
}

/** Returns the secrets that a person sets, in the order of the Terraform file. */
export function manualSecrets(config: PackConfig): Secret[] {
  const builtIn = BUILT_IN_SECRETS.map((row): SecretRow => ({ ...row, readers: readersOf(row, config) }));
  const added = config.secrets.map(({ name, description, reader, env }): SecretRow => ({
    name,
    description,
    source: line(description),
    format: LINE,
    readers: [{ reader, env: env.length > 0 ? env : [name] }],
  }));
  const ssh: readonly SecretRow[] = config.sandbox.backend === "ssh" ? SSH_SECRETS : [];
  const s3: readonly SecretRow[] = copiesToS3(config) ? S3_SECRETS : [];
  return [...builtIn, ...ssh, ...s3, ...added].map((row) => complete(row, config));
}

/** Returns the secret that Terraform creates. */
export function tunnelToken(config: PackConfig): Secret {
  return { ...complete(TUNNEL_TOKEN, config), resource: "openclaw_tunnel_token" };
}

function complete(row: SecretRow, config: PackConfig): Secret {
  return {
    ...row,
    parameter: `${config.aws.ssmPrefix}${row.name}`,
    resource: row.name.toLowerCase(),
    // Long enough for LiteLLM's auth module, which refuses short keys, and different for each secret.
    fake: `fake-${row.name.toLowerCase().replaceAll("_", "-")}-for-the-local-trial`,
  };
}
