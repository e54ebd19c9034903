/**
 * LiteLLM's config.yaml. Every line was run with the pinned version.
 *
 * @module
 */

import type { Model } from "../model/model.ts";
import { yamlText } from "../output/text.ts";

/** What differs between production and a trial. */
export interface LiteLlmOptions {
  /** A module in the same folder that answers instead of the models while there is no key; for trials only. */
  readonly callbacks?: string;
}

/** The text of config.yaml. */
export function litellmConfig({ config }: Model, { callbacks }: LiteLlmOptions = {}): string {
  return yamlText({
    model_list: config.models.map(({ id }) => ({
      model_name: id,
      litellm_params: { model: `anthropic/${id}`, api_key: "os.environ/ANTHROPIC_API_KEY" },
    })),
    general_settings: {
      master_key: "os.environ/LITELLM_MASTER_KEY",
      custom_auth: "custom_auth.user_api_key_auth",
      custom_auth_run_common_checks: true,
      trusted_proxy_ranges: [],
    },
    litellm_settings: {
      ...(callbacks === undefined ? {} : { callbacks }),
      drop_params: true,
      enable_post_custom_auth_checks: true,
    },
    router_settings: { disable_cooldowns: true },
  }, [
    [["general_settings", "custom_auth"], "Two keys without a database: see custom_auth.py beside this file."],
    [
      ["general_settings", "custom_auth_run_common_checks"],
      "Without this and enable_post_custom_auth_checks the list of models is not enforced.",
    ],
    [
      ["router_settings", "disable_cooldowns"],
      'Else one refused key hides behind 429 "no deployments available" from the second request on.',
    ],
  ]);
}
