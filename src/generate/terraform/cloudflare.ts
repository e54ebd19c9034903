/**
 * `terraform/cloudflare/<zone>/openclaw`: DNS, tunnel and Access (requirements A3 to A7), on version 4 or 5 of the Cloudflare
 * provider. `cloudflare_v4.ts` and `cloudflare_v5.ts` contain the differences.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { PROVIDERS } from "../../tables/pins.ts";
import { cloudflareTarget } from "../../tables/targets.ts";
import { HEALTH_PATH } from "./access.ts";
import { type Block, output, provider, ref, resource, variable } from "./blocks.ts";
import type { Version } from "./cloudflare_version.ts";
import { directoryFiles } from "./directory.ts";
import { targetFiles } from "./tfaction.ts";

/** Returns every file of the directory. */
export async function cloudflareFiles(model: Model): Promise<OutputFile[]> {
  const { config } = model;
  const path = cloudflareTarget(config);
  const { provider } = config.cloudflare;
  // Only one version is imported: the bindings of each take as long to load as all of this pack's code.
  const { version } = provider === 4 ? await import("./cloudflare_v4.ts") : await import("./cloudflare_v5.ts");
  const files = directoryFiles(config.aws, {
    path,
    account: config.aws.accountId,
    providers: {
      aws: { source: "hashicorp/aws", version: PROVIDERS.aws },
      cloudflare: { source: "cloudflare/cloudflare", version: PROVIDERS.cloudflare[provider] },
      random: { source: "hashicorp/random", version: PROVIDERS.random },
    },
    layout: { ...version.layout(config), "outputs.tf.json": ["output"] },
    terraform: version.terraform,
    blocks: blocks(model, version),
    moved: version.moved(config),
    bindings: version.bindings,
  });
  return [...files, ...below(path, version.files(config)), ...targetFiles(config.aws, path)];
}

function blocks(model: Model, version: Version): Block[] {
  const { zone, cloudflare } = model.config;
  const { resource: name, parameter, description } = model.tunnelToken;
  return [
    provider("random"),
    variable("account_id", "Cloudflare account of the tunnel", cloudflare.accountId),
    variable("zone_id", `Cloudflare zone ${zone}`, cloudflare.zoneId),
    resource("random_password", "tunnel_secret", { length: 64 }),
    provider("cloudflare"),
    ...version.blocks(model),
    resource("aws_ssm_parameter", name, {
      name: parameter,
      description,
      type: "SecureString",
      value: ref(`sensitive(${version.outputs.tunnelToken})`),
    }),
    output("hostname", "Host name of the assistant", ref(version.outputs.hostname)),
    output("tunnel_id", "Tunnel that cloudflared keeps open", ref(version.outputs.tunnelId)),
    ...(cloudflare.access.healthToken ? healthOutputs(version) : []),
  ];
}

function healthOutputs({ health }: Version): Block[] {
  const header = (name: string) => `Header ${name} of a monitor that requests ${HEALTH_PATH}`;
  const secret = { description: header("CF-Access-Client-Secret"), value: ref(health.clientSecret), sensitive: true };
  return [
    output("health_client_id", header("CF-Access-Client-Id"), ref(health.clientId)),
    { kind: "output", name: "health_client_secret", args: secret },
  ];
}
