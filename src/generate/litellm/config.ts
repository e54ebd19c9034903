/**
 * LiteLLM's configuration: config.yaml, and limits.json for the Python modules next to it. Every line was tested with the
 * pinned version.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { jsonText, yamlText } from "../../output/text.ts";
import { LITELLM_PORTS } from "../../tables/workloads.ts";

/** The key that LiteLLM sends. The key proxy replaces it with the real one. */
export const PLACEHOLDER_KEY = "the-key-proxy-holds-the-key";

/** Settings that differ between production and a trial. */
export interface LiteLlmOptions {
  /** Hooks that run before the budget's, each a module in the same folder; for trials only. */
  readonly callbacks?: readonly string[];
}

/** Returns the USD for one token, from the USD for a million. */
const perToken = (usd: number) => usd / 1_000_000;

/** Returns the text of config.yaml. */
export function litellmConfig({ config }: Model, { callbacks = [] }: LiteLlmOptions = {}): string {
  return yamlText({
    model_list: config.models.list.map(({ id, price }) => ({
      model_name: id,
      litellm_params: {
        model: `anthropic/${id}`,
        api_base: `http://127.0.0.1:${LITELLM_PORTS.anthropic}`,
        api_key: PLACEHOLDER_KEY,
        ...(price === undefined
          ? {}
          : { input_cost_per_token: perToken(price.input), output_cost_per_token: perToken(price.output) }),
      },
    })),
    general_settings: {
      master_key: "os.environ/LITELLM_MASTER_KEY",
      custom_auth: "custom_auth.user_api_key_auth",
      custom_auth_run_common_checks: true,
      trusted_proxy_ranges: [],
    },
    litellm_settings: {
      callbacks: [...callbacks, "budget.handler"],
      drop_params: true,
      enable_post_custom_auth_checks: true,
      redact_messages_in_exceptions: true,
    },
    router_settings: { disable_cooldowns: true, num_retries: 0 },
  }, [
    [["model_list", 0, "litellm_params", "api_base"], "The key proxy, which sends the real key to Anthropic."],
    [["general_settings", "custom_auth"], "Two keys without a database: see custom_auth.py next to this file."],
    [
      ["general_settings", "custom_auth_run_common_checks"],
      "Without this and enable_post_custom_auth_checks the list of models is not enforced.",
    ],
    [
      ["router_settings", "disable_cooldowns"],
      'Otherwise LiteLLM answers a refused key with 429 "no deployments available" from the second request on.',
    ],
    [
      ["router_settings", "num_retries"],
      "OpenClaw retries itself, and each attempt that Anthropic charges is counted.",
    ],
  ]);
}

/**
 * Returns the text of limits.json: the budget, and for each model its maximum answer and context in tokens and its price in
 * pack.yaml.
 */
export function litellmLimits({ config }: Model): string {
  const { budget, list } = config.models;
  const models = list.map(({ id, contextWindow, maxTokens, price }) => [id, {
    max_tokens: maxTokens,
    context: contextWindow,
    ...(price === undefined ? {} : { price_per_million: price }),
  }]);
  return jsonText({ models: Object.fromEntries(models), budget });
}
