/**
 * LiteLLM's configuration: config.yaml, and limits.json for the Python modules beside it. Every line was run with the pinned
 * version.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { jsonText, yamlText } from "../../output/text.ts";
import { LITELLM_PORTS } from "../../tables/workloads.ts";

/** Stands where LiteLLM wants a key. The key proxy drops it and sends the real one. */
export const PLACEHOLDER_KEY = "the-key-proxy-holds-the-key";

/** What differs between production and a trial. */
export interface LiteLlmOptions {
  /** Hooks before the budget's, each a module in the same folder; for trials only. */
  readonly callbacks?: readonly string[];
}

/** USD for one token, from USD for a million. */
const perToken = (usd: number) => usd / 1_000_000;

/** The text of config.yaml. */
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
    [["general_settings", "custom_auth"], "Two keys without a database: see custom_auth.py beside this file."],
    [
      ["general_settings", "custom_auth_run_common_checks"],
      "Without this and enable_post_custom_auth_checks the list of models is not enforced.",
    ],
    [
      ["router_settings", "disable_cooldowns"],
      'Else one refused key hides behind 429 "no deployments available" from the second request on.',
    ],
    [
      ["router_settings", "num_retries"],
      "OpenClaw tries again itself, and each try that Anthropic charges is counted.",
    ],
  ]);
}

/** The text of limits.json: of each model its longest answer and its context in tokens, and the price of pack.yaml; and the budget. */
export function litellmLimits({ config }: Model): string {
  const { budget, list } = config.models;
  const models = list.map(({ id, contextWindow, maxTokens, price }) => [id, {
    max_tokens: maxTokens,
    context: contextWindow,
    ...(price === undefined ? {} : { price_per_million: price }),
  }]);
  return jsonText({ models: Object.fromEntries(models), budget });
}
