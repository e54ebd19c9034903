/**
 * The models, and limits on their use.
 *
 * @module
 */

import * as v from "valibot";
import * as format from "../formats.ts";
import { choice, flag, number, required, row, section } from "./fields.ts";

const usd = (fallback: number, description: string) =>
  v.optional(
    v.pipe(
      v.number("expected a number"),
      v.minValue(0.01, "expected 0.01 or more"),
      v.maxValue(1_000_000, "expected 1000000 or less"),
      v.description(description),
    ),
    fallback,
  );

/** The periods of a budget. Each begins at midnight UTC: every day, every Monday, or on the first of every month. */
export const BUDGET_PERIODS = ["day", "week", "month"] as const;

const perMillionTokens = (description: string) =>
  v.pipe(
    v.number("expected a number"),
    v.minValue(0, "expected 0 or more"),
    v.maxValue(10_000, "expected 10000 or less"),
    v.description(description),
  );

const ModelSchema = row({
  id: required(format.modelId, "Name of the model at Anthropic, which LiteLLM uses too."),
  name: required(format.line, "Name shown to people."),
  alias: required(format.alias, "Short name for switching models in a chat."),
  reasoning: flag(true, "Whether the model thinks before it answers."),
  contextWindow: number(1000, 10_000_000, 200_000, "Context window in tokens."),
  maxTokens: number(
    100,
    1_000_000,
    64_000,
    "Maximum length of an answer in tokens, including thinking. LiteLLM refuses a request for more.",
  ),
  price: v.optional(
    section(
      {
        input: perMillionTokens(
          "USD for a million tokens of input.",
        ),
        output: perMillionTokens("USD for a million tokens of output."),
      },
      "Price for `models.budget`. It is required for a model that LiteLLM's own list of prices lacks: LiteLLM does not start without it.",
    ),
  ),
});

/** The section `models`. */
export const models = v.optional(
  v.pipe(
    v.strictObject({
      list: v.optional(
        v.pipe(
          v.array(ModelSchema, "expected a list"),
          v.minLength(1, "expected at least one model"),
          v.description("Models behind LiteLLM. The first one answers; the others are fallbacks, in this order."),
        ),
        () => [
          {
            id: "claude-sonnet-4-5-20250929",
            name: "Claude Sonnet 4.5",
            alias: "sonnet",
            reasoning: true,
            contextWindow: 200_000,
            maxTokens: 64_000,
          },
          {
            id: "claude-opus-4-6",
            name: "Claude Opus 4.6",
            alias: "opus",
            reasoning: true,
            contextWindow: 200_000,
            maxTokens: 32_000,
          },
        ],
      ),
      budget: v.optional(
        section({
          usd: usd(
            100,
            "US dollars that the models may cost in one period. At the limit the assistant says so, and calls no model until the period ends.",
          ),
          per: choice(BUDGET_PERIODS, "month", "The period: a calendar day, week (from Monday) or month, in UTC."),
        }, "What the models may cost."),
        {},
      ),
      requestsPerMinute: number(
        1,
        10_000,
        120,
        "Maximum number of requests to the models in any minute; the key proxy answers further requests with 429.",
      ),
    }, "expected a mapping"),
    v.description("The models, and limits on their use."),
  ),
  {},
);
