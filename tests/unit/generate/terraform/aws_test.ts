import assert from "node:assert/strict";
import { filesOf, jsonOf } from "../../../support/support.ts";

/** The parameters in arch, for which the plan of a live state must show no changes. */
const ADDRESSES = {
  anthropic_api_key: "/lolice/openclaw/ANTHROPIC_API_KEY",
  discord_bot_token: "/lolice/openclaw/DISCORD_BOT_TOKEN",
  openclaw_gateway_token: "/lolice/openclaw/OPENCLAW_GATEWAY_TOKEN",
  litellm_master_key: "/lolice/openclaw/LITELLM_MASTER_KEY",
  litellm_proxy_key: "/lolice/openclaw/LITELLM_PROXY_KEY",
  github_token: "/lolice/openclaw/GITHUB_TOKEN",
  openai_api_key: "/lolice/openclaw/OPENAI_API_KEY",
};

Deno.test("each parameter is a SecureString at its previous address, with a placeholder that a real value replaces permanently", async () => {
  const { resource } = jsonOf(await filesOf(), "terraform/aws/openclaw/ssm.tf.json");
  const parameters = resource.aws_ssm_parameter;
  assert.deepEqual(
    Object.fromEntries(Object.entries<{ name: string }>(parameters).map(([address, { name }]) => [address, name])),
    ADDRESSES,
  );
  for (const parameter of Object.values<Record<string, unknown>>(parameters)) {
    assert.equal(parameter["type"], "SecureString");
    assert.equal(parameter["value"], "dummy-value-to-be-updated-manually");
    // A plain name, because Terraform refuses an expression here.
    assert.deepEqual(parameter["lifecycle"], { ignore_changes: ["value"] });
  }
});

Deno.test("the backend, the provider and the account are arch's", async () => {
  const files = await filesOf();
  const { terraform } = jsonOf(files, "terraform/aws/openclaw/backend.tf.json");
  assert.deepEqual(terraform, {
    required_version: ">= 1.0",
    backend: {
      s3: { bucket: "tfaction-state", key: "terraform/aws/openclaw/v1/terraform.tfstate", region: "ap-northeast-1" },
    },
    required_providers: { aws: { source: "hashicorp/aws", version: "~> 6.0" } },
  });
  const { provider } = jsonOf(files, "terraform/aws/openclaw/provider.tf.json");
  assert.deepEqual(provider, { aws: [{ allowed_account_ids: ["${var.aws_account_id}"], region: "ap-northeast-1" }] });
  const { variable } = jsonOf(files, "terraform/aws/openclaw/variables.tf.json");
  assert.equal(variable.aws_account_id.default, "839695154978");
  assert.equal(variable.aws_account_id.type, "string");
});

Deno.test("a parameter without a reader is kept, because Terraform would delete the real value", async () => {
  const files = await filesOf({ gateway: { auth: "cloudflare-access" }, discord: { enabled: false } });
  const { resource } = jsonOf(files, "terraform/aws/openclaw/ssm.tf.json");
  assert.deepEqual(Object.keys(resource.aws_ssm_parameter), Object.keys(ADDRESSES));
});
