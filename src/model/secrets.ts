/**
 * Which workload may read which secret in one deployment. No other secrets exist.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import {
  line,
  type SecretName,
  type SecretReader,
  type SecretRow,
  SECRETS,
  type SecretSource,
} from "../tables/secrets.ts";
import { LINE, type SecretFormat } from "../values/secret_format.ts";
import { applies } from "./conditions.ts";

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

/** Returns the secrets that a person sets, in the order of the Terraform file: the pack's, then those of pack.yaml. */
export function manualSecrets(config: PackConfig): Secret[] {
  const added = config.secrets.map(({ name, description, reader, env }): SecretRow => ({
    name,
    description,
    source: line(description),
    format: LINE,
    readers: [{ reader, env: env.length > 0 ? env : [name] }],
  }));
  return [...packRows(config).filter(({ setBy }) => setBy === undefined), ...added].map((row) => complete(row, config));
}

/** Returns the secrets that Terraform sets. */
export function terraformSecrets(config: PackConfig): Secret[] {
  return packRows(config).filter(({ setBy }) => setBy === "terraform").map((row) => complete(row, config));
}

/**
 * Returns a secret of the pack.
 *
 * @throws {Error} if the configuration has no such secret
 */
export function secretOf(secrets: readonly Secret[], name: SecretName): Secret {
  const secret = secrets.find((secret) => secret.name === name);
  if (secret === undefined) throw new Error(`no secret ${name} in this configuration`);
  return secret;
}

/** Returns the rows of the table that apply to this configuration. */
function packRows(config: PackConfig): SecretRow[] {
  const rows: readonly SecretRow[] = SECRETS;
  return rows.filter((row) => applies(config, row));
}

function complete({ name, description, readers, source, format, resource }: SecretRow, config: PackConfig): Secret {
  return {
    name,
    parameter: `${config.aws.ssmPrefix}${name}`,
    resource: resource ?? name.toLowerCase(),
    description,
    readers: readers.filter((reader) => applies(config, reader)),
    source,
    format,
    // Long enough for LiteLLM's auth module, which refuses short keys, and different for each secret.
    fake: `fake-${name.toLowerCase().replaceAll("_", "-")}-for-the-local-trial`,
  };
}
