/**
 * The interface between the directory for Cloudflare and each version of the provider.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import type { Model } from "../../model/model.ts";
import type { OutputFile } from "../../output/file.ts";
import type { Block, Moved } from "./blocks.ts";
import type { Layout } from "./directory.ts";
import type { Bindings } from "./bindings_common.ts";

/** Expressions that the version's resources use, without `${}`. */
export const INPUTS = {
  accountId: "var.account_id",
  zoneId: "var.zone_id",
  /** The tunnel's secret, in Base64. */
  tunnelSecret: "sensitive(base64sha256(random_password.tunnel_secret.result))",
} as const;

/** Values of the version's resources that the rest of the stack uses, as expressions without `${}`. */
export interface Outputs {
  readonly hostname: string;
  readonly tunnelId: string;
  readonly tunnelToken: string;
}

/** The monitor's service token, as expressions without `${}`. */
export interface HealthOutputs {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** One version of the provider. */
export interface Version {
  readonly bindings: Bindings;
  readonly layout: (config: PackConfig) => Layout;
  /** The minimum version of Terraform. */
  readonly terraform: string;
  /** Additional files of the directory. */
  readonly files: (config: PackConfig) => OutputFile[];
  readonly blocks: (model: Model) => Block[];
  readonly moved: (config: PackConfig) => Moved[];
  readonly outputs: Outputs;
  readonly health: HealthOutputs;
}
