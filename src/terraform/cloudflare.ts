/**
 * `terraform/cloudflare/<zone>/openclaw`: DNS, tunnel and Access (plan, 2.1; SPEC A3 to A7), on version 4 or 5 of the Cloudflare
 * provider. What differs between them stands in cloudflare_v4.ts and cloudflare_v5.ts.
 *
 * @module
 */

import { PROVIDERS } from "../config/defaults.ts";
import type { Model } from "../model/model.ts";
import { below, type OutputFile } from "../output/file.ts";
import { Fn, Password, RandomProvider, SsmParameter, type Stack, Variable } from "./cdktf.ts";
import { directoryFiles, type Layout } from "./stack.ts";
import { targetFiles } from "./tfaction.ts";

/** What both versions get, as Terraform expressions. */
export interface Inputs {
  readonly accountId: string;
  readonly zoneId: string;
  /** The tunnel's secret, in Base64. */
  readonly tunnelSecret: string;
}

/** One version of the provider. */
export interface Version {
  readonly layout: Layout;
  /** The oldest Terraform that can plan it. */
  readonly terraform: string;
  /** Further files of the directory. */
  readonly files: readonly OutputFile[];
  /** Adds provider and resources to the stack; gives the tunnel's token, as an expression. */
  readonly build: (stack: Stack, model: Model, inputs: Inputs) => string;
}

/** The working directory's path in arch. */
function cloudflarePath({ config }: Model): string {
  return `terraform/cloudflare/${config.zone}/openclaw`;
}

/** Every file of the directory. */
export async function cloudflareFiles(model: Model): Promise<OutputFile[]> {
  const path = cloudflarePath(model);
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
    layout: version.layout,
    terraform: version.terraform,
    build: (stack) => build(stack, model, version),
  });
  return [...files, ...below(path, version.files), ...targetFiles(model, path)];
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
  const token = version.build(stack, model, { accountId, zoneId, tunnelSecret });
  const { resource, parameter, description } = model.tunnelToken;
  new SsmParameter(stack, resource, {
    name: parameter,
    description,
    type: "SecureString",
    value: Fn.sensitive(token),
  });
}
