/**
 * JSON bodies of HAProxy's own errors.
 *
 * @module
 */

/** The form of JSON errors: OpenAI's, which the gateway reads, or Anthropic's, which LiteLLM reads. */
export type Form = "openai" | "anthropic";

/** Returns the body of an error. */
export function errorBody(form: Form, status: number, type: string, message: string): string {
  const body = form === "openai"
    ? { error: { message, type, param: null, code: String(status) } }
    : { type: "error", error: { type, message } };
  // In HAProxy's configuration the body is in single quotes.
  return JSON.stringify(body).replaceAll("'", "\\u0027");
}

/** Returns the directives that replace HAProxy's HTML errors with JSON. */
export function errors(form: Form, messages: Readonly<Record<number, string>>): string {
  return Object.entries(messages).map(([status, message]) =>
    `http-error status ${status} content-type application/json string '${
      errorBody(form, Number(status), "api_error", message)
    }'`
  ).join("\n  ");
}
