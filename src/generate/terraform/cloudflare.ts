/**
 * `terraform/cloudflare/<zone>/openclaw`: DNS, tunnel and Access (plan, 2.1; SPEC A3 to A7), on version 4 or 5 of the Cloudflare
 * provider. What differs between them stands in cloudflare_v4.ts and cloudflare_v5.ts.
 *
 * @module
 */

import { PROVIDERS } from "../../tables/pins.ts";
import type { PackConfig } from "../../config/schema.ts";
import type { Model } from "../../model/model.ts";
import { cloudflareTarget } from "../../tables/targets.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { HEALTH_PATH } from "./access.ts";
import { Fn, Output, Password, RandomProvider, SsmParameter, type Stack, Variable } from "./cdktf.ts";
import { directoryFiles, type Layout } from "./stack.ts";
import { targetFiles } from "./tfaction.ts";

/** What both versions get, as Terraform expressions. */
export interface Inputs {
  readonly accountId: string;
  readonly zoneId: string;
  /** The tunnel's secret, in Base64. */
  readonly tunnelSecret: string;
}

/** What the rest of the stack takes from both versions, as Terraform expressions. */
export interface Outputs {
  readonly hostname: string;
  readonly tunnelId: string;
  readonly tunnelToken: string;
  /** The monitor's service token, if there is one. */
  readonly health?: { readonly clientId: string; readonly clientSecret: string };
}

/** One version of the provider. */
export interface Version {
  readonly layout: (config: PackConfig) => Layout;
  /** The oldest Terraform that can plan it. */
  readonly terraform: string;
  /** Further files of the directory. */
  readonly files: (config: PackConfig) => OutputFile[];
  /** Adds provider and resources to the stack. */
  readonly build: (stack: Stack, model: Model, inputs: Inputs) => Outputs;
}

/** Every file of the directory. */
export async function cloudflareFiles(model: Model): Promise<OutputFile[]> {
  const path = cloudflareTarget(model.config);
  const { provider } = model.config.cloudflare;
  // Loaded by version: the bindings of each take as long to load as all of this pack's own code.
  const { version } = provider === 4 ? await import("./cloudflare_v4.ts") : await import("./cloudflare_v5.ts");
  const files = directoryFiles(model, {
    path,
    providers: {
      aws: { source: "hashicorp/aws", version: PROVIDERS.aws },
      cloudflare: { source: "cloudflare/cloudflare", version: PROVIDERS.cloudflare[provider] },
      random: { source: "hashicorp/random", version: PROVIDERS.random },
    },
    layout: { ...version.layout(model.config), "outputs.tf.json": ["output"] },
    terraform: version.terraform,
    build: (stack) => build(stack, model, version),
  });
  return [...files, ...below(path, version.files(model.config)), ...targetFiles(model, path)];
}

function build(stack: Stack, model: Model, version: Version): void {
  const { zone, cloudflare } = model.config;
  new RandomProvider(stack, "random", {});
  const accountId = new Variable(stack, "account_id", {
    type: "string",
    description: "Cloudflare account of the tunnel",
    default: cloudflare.accountId,
  }).stringValue;
  const zoneId = new Variable(stack, "zone_id", {
    type: "string",
    description: `Cloudflare zone ${zone}`,
    default: cloudflare.zoneId,
  }).stringValue;
  const secret = new Password(stack, "tunnel_secret", { length: 64 });
  const tunnelSecret = Fn.sensitive(Fn.base64sha256(secret.result));
  const { hostname, tunnelId, tunnelToken, health } = version.build(stack, model, { accountId, zoneId, tunnelSecret });
  const { resource, parameter, description } = model.tunnelToken;
  new SsmParameter(stack, resource, {
    name: parameter,
    description,
    type: "SecureString",
    value: Fn.sensitive(tunnelToken),
  });

  new Output(stack, "hostname", { description: "Where the assistant is", value: hostname });
  new Output(stack, "tunnel_id", { description: "Tunnel that cloudflared keeps open", value: tunnelId });
  if (health === undefined) return;
  new Output(stack, "health_client_id", {
    description: `Header CF-Access-Client-Id of a monitor that asks ${HEALTH_PATH}`,
    value: health.clientId,
  });
  new Output(stack, "health_client_secret", {
    description: `Header CF-Access-Client-Secret of a monitor that asks ${HEALTH_PATH}`,
    value: health.clientSecret,
    sensitive: true,
  });
}
