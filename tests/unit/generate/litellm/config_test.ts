import assert from "node:assert/strict";
import { parse } from "yaml";
import { filesOf, textOf } from "../../../support/support.ts";

const BASE = "kustomize/base/config/litellm-config/config.yaml";
const TRIAL = "kustomize/overlays/trial/config/litellm-config/config.yaml";

Deno.test("LiteLLM calls its own auth module for every key, and enforces the list of models", async () => {
  const config = parse(textOf(await filesOf(), BASE));
  assert.equal(config.general_settings.custom_auth, "custom_auth.user_api_key_auth");
  assert.equal(config.general_settings.custom_auth_run_common_checks, true);
  assert.equal(config.litellm_settings.enable_post_custom_auth_checks, true);
  assert.equal(config.litellm_settings.drop_params, true);
  assert.deepEqual(
    config.model_list.map((
      model: { model_name: string; litellm_params: object },
    ) => [model.model_name, model.litellm_params]),
    ["claude-sonnet-4-5-20250929", "claude-opus-4-6"].map((id) => [
      id,
      { model: `anthropic/${id}`, api_base: "http://127.0.0.1:4003", api_key: "the-key-proxy-holds-the-key" },
    ]),
  );
});

Deno.test("only the trial answers with a mock", async () => {
  const files = await filesOf();
  assert.deepEqual(parse(textOf(files, TRIAL)).litellm_settings.callbacks, [
    "mock_without_key.handler",
    "budget.handler",
  ]);
  assert.deepEqual(parse(textOf(files, BASE)).litellm_settings.callbacks, ["budget.handler"]);
  assert.deepEqual(
    files.filter(({ path }) => path.endsWith("mock_without_key.py")).map(({ path }) => path),
    ["kustomize/overlays/trial/config/litellm-config/mock_without_key.py"],
  );
});
