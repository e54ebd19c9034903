/**
 * JSON bodies of the errors that HAProxy answers itself.
 *
 * @module
 */

/** JSON errors in OpenAI's form, which the gateway reads, or in Anthropic's, which LiteLLM reads. */
export type Form = "openai" | "anthropic";

/** Returns the body of an error. */
export function errorBody(form: Form, status: number, type: string, message: string): string {
  const body = form === "openai"
    ? { error: { message, type, param: null, code: String(status) } }
    : { type: "error", error: { type, message } };
  // HAProxy's configuration has it in single quotes.
  return JSON.stringify(body).replaceAll("'", "\\u0027");
}

/** HAProxy's own errors, which are HTML otherwise. */
export function errors(form: Form, messages: Readonly<Record<number, string>>): string {
  return Object.entries(messages).map(([status, message]) =>
    `http-error status ${status} content-type application/json string '${
      errorBody(form, Number(status), "api_error", message)
    }'`
  ).join("\n  ");
}
