/**
 * The proxy in front of LiteLLM: the exact key, four routes, bodies of limited size, at a limited rate (requirement E10).
 *
 * @module
 */

import { LITELLM_PORT, LITELLM_PORTS } from "../../../tables/workloads.ts";
import { errorBody, errors } from "./errors.ts";

/** Routes of the front door; LiteLLM's auth module has the same list (PROXY_KEY_ROUTES). */
const ROUTES = {
  chat: ["/v1/chat/completions", "/chat/completions"],
  models: ["/v1/models", "/models"],
} as const;

/** The maximum size of a body in bytes; Anthropic refuses larger requests. */
const MAX_BODY = 32 * 2 ** 20;

/** The maximum number of connections; each needs 33 KiB while it is in use. Further ones wait in the kernel's queue. */
export const MAX_FRONT_CONNECTIONS = 2000;

/**
 * The maximum number of requests that LiteLLM processes at a time; further ones wait in HAProxy, where they cost next to
 * nothing.
 */
const MAX_INFERENCE = 32;

/** The bytes of a body that must have arrived before LiteLLM receives the request; they must fit into a buffer. */
const MIN_BODY_START = 15_000;

/** The maximum number of log lines per minute for refused requests without the key, and the same number for those with it. */
const MAX_LOG_LINES = 30;

/** Returns the counters, the frontend that the gateway connects to, and LiteLLM as its backend. */
export function frontDoor(requestsPerMinute: number): string {
  return `# Counters of the last minute. The front door serves one client, so one row counts all requests of a kind.
backend front_counters
  stick-table type integer size 2 expire 10m store gpc0,gpc0_rate(1m),gpc1,gpc1_rate(1m)

frontend front
  bind :${LITELLM_PORT}
  maxconn ${MAX_FRONT_CONNECTIONS}
  log-format "front door: %ST %[var(txn.refused)], from %ci"
  ${
    errors("openai", {
      400: "The key proxy could not read the request.",
      408: "The request arrived too slowly: the limit is 5 seconds for its headers and 10 for the start of its body.",
      500: "The key proxy failed.",
      502: "LiteLLM sent no valid response; see its log.",
      503: `LiteLLM is not up, or was busy with ${MAX_INFERENCE} other requests for a minute.`,
      504: "LiteLLM sent no response within 10 minutes.",
    })
  }
  # One row for requests without the key, one for all others, so that neither can suppress the other's log lines.
  http-request track-sc0 int(1) table front_counters
  http-request track-sc1 int(2) table front_counters

  acl chat path ${ROUTES.chat.join(" ")}
  acl models path ${ROUTES.models.join(" ")}
  acl one_key req.fhdr_cnt(authorization) eq 1
  acl right_key req.fhdr(authorization),secure_memcmp(proc.bearer)
  http-request set-var(txn.refused) str("wrong key") if !one_key or !right_key
  http-request set-var(txn.refused) str("route") if one_key right_key !{ method POST } !{ method GET }
  http-request set-var(txn.refused) str("route") if one_key right_key { method POST } !chat
  http-request set-var(txn.refused) str("route") if one_key right_key { method GET } !models
  http-request set-var(txn.refused) str("upgrade") if one_key right_key { req.hdr(upgrade) -m found }
  http-request set-var(txn.refused) str("no length") if one_key right_key { method POST } !{ req.hdr(content-length) -m found }
  http-request set-var(txn.refused) str("no length") if one_key right_key { req.hdr(transfer-encoding) -m found }
  http-request set-var(txn.refused) str("body") if one_key right_key { method GET } { req.hdr(content-length),add(0) gt 0 }
  http-request set-var(txn.refused) str("body too large") if one_key right_key { req.hdr(content-length),add(0) gt ${MAX_BODY} }
  http-request set-var(txn.refused) str("too many requests") if one_key right_key { sc1_gpc1_rate ge ${requestsPerMinute} } !{ var(txn.refused) -m found }

  acl refused var(txn.refused) -m found
  acl without_key var(txn.refused) -m str "wrong key"
  http-request set-log-level notice if without_key { sc0_gpc0_rate lt ${MAX_LOG_LINES} }
  http-request set-log-level notice if refused !without_key { sc1_gpc0_rate lt ${MAX_LOG_LINES} }
  http-request sc-inc-gpc0(0) if without_key
  http-request sc-inc-gpc0(1) if refused !without_key
  ${refuse("wrong key", 401, "invalid_api_key", "The API key is missing or wrong.")}
  ${refuse("route", 403, "auth_error", "This key may not use this route.")}
  ${refuse("upgrade", 403, "auth_error", "This key may not change the protocol.")}
  ${refuse("body", 400, "invalid_request_error", "A GET request must not have a body.")}
  ${refuse("no length", 411, "invalid_request_error", "Send the body with its Content-Length, not in chunks.")}
  ${
    refuse(
      "body too large",
      413,
      "invalid_request_error",
      `The request is larger than ${MAX_BODY >> 20} MiB.`,
    )
  }
  ${
    refuse(
      "too many requests",
      429,
      "rate_limit_error",
      `The limit is ${requestsPerMinute} requests per minute (models.requestsPerMinute in pack.yaml). Try again in a minute.`,
    )
  }
  http-request sc-inc-gpc1(1)
  # A body that arrives slowly must not occupy one of LiteLLM's slots.
  http-request wait-for-body time 10s at-least ${MIN_BODY_START} if { method POST }
  # LiteLLM answers JSON that is not an object with 500 and a traceback.
  http-request return status 400 content-type application/json string '${
    errorBody("openai", 400, "invalid_request_error", "The body must be a JSON object.")
  }' if { method POST } !{ req.body -m reg '^\\s*[{]' }
  # In origin form, because LiteLLM would treat an absolute URL as the path.
  http-request set-uri %[pathq]
  default_backend litellm

backend litellm
  # The key was already checked, so LiteLLM's own 401 is about the content of the request. A response of a model's provider has
  # the ID of the call.
  http-response set-status 403 if { status 401 } !{ res.hdr(x-litellm-call-id) -m found }
  # Removes versions, addresses, costs and IDs, which the gateway does not need.
  http-response del-header ^(x-litellm-|llm_provider-) -m reg
  server litellm 127.0.0.1:${LITELLM_PORTS.litellm} maxconn ${MAX_INFERENCE}
`;
}

function refuse(reason: string, status: number, type: string, message: string): string {
  const body = errorBody("openai", status, type, message);
  // No Retry-After: OpenClaw 2026.9.4 would wait for it silently, and it retries on its own without it.
  return `http-request return status ${status} content-type application/json string '${body}' ` +
    `if { var(txn.refused) -m str "${reason}" }`;
}
