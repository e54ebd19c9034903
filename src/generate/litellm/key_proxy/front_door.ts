/**
 * The proxy in front of LiteLLM: the exact key, four routes, bounded bodies, at a bounded rate (requirement E10).
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

/** Anthropic refuses larger requests; in bytes. */
const MAX_BODY = 32 * 2 ** 20;

/** Connections at the front door; each takes 33 KiB while it is in use. Further ones wait in the kernel's queue. */
export const MAX_FRONT_CONNECTIONS = 2000;

/** Requests that LiteLLM works on at a time; further ones wait in HAProxy, where they cost next to nothing. */
const MAX_INFERENCE = 32;

/** Bytes of a body that must be there before LiteLLM gets it; they have to fit into a buffer. */
const FIRST_OF_BODY = 15_000;

/** Lines a minute about refused requests: so many without the key, and as many with it. */
const MAX_LOG_LINES = 30;

/** Returns the counters, the frontend that the gateway asks, and LiteLLM as its backend. */
export function frontDoor(requestsPerMinute: number): string {
  return `# What the last minute saw. The front door serves one client, so one row counts all of a kind.
backend front_counters
  stick-table type integer size 2 expire 10m store gpc0,gpc0_rate(1m),gpc1,gpc1_rate(1m)

frontend front
  bind :${LITELLM_PORT}
  maxconn ${MAX_FRONT_CONNECTIONS}
  log-format "front door: %ST %[var(txn.refused)], from %ci"
  ${
    errors("openai", {
      400: "The key proxy could not read the request.",
      408: "The request came too slowly: its headers have 5 seconds, the start of its body 10.",
      500: "The key proxy failed.",
      502: "LiteLLM gave no valid answer; its log says why.",
      503: `LiteLLM is not up, or was busy with ${MAX_INFERENCE} other requests for a minute.`,
      504: "LiteLLM gave no answer in 10 minutes.",
    })
  }
  # One row for requests without the key, one for the others: neither hides the other's lines of the log.
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
      `A request may have ${MAX_BODY >> 20} MiB; this one has more.`,
    )
  }
  ${
    refuse(
      "too many requests",
      429,
      "rate_limit_error",
      `The assistant may ask its models ${requestsPerMinute} times in a minute (models.requestsPerMinute in pack.yaml). Try again in a minute.`,
    )
  }
  http-request sc-inc-gpc1(1)
  # A body that trickles must not take one of LiteLLM's places.
  http-request wait-for-body time 10s at-least ${FIRST_OF_BODY} if { method POST }
  # LiteLLM answers any other JSON with 500 and a traceback.
  http-request return status 400 content-type application/json string '${
    errorBody("openai", 400, "invalid_request_error", "The body must be a JSON object.")
  }' if { method POST } !{ req.body -m reg '^\\s*[{]' }
  # In origin form: LiteLLM would take a whole URL for the path.
  http-request set-uri %[pathq]
  default_backend litellm

backend litellm
  # The key is right, or the request would not be here: a 401 of LiteLLM's own is about what the request holds. An answer of a
  # model's provider has the id of the call.
  http-response set-status 403 if { status 401 } !{ res.hdr(x-litellm-call-id) -m found }
  # Versions, addresses, costs and ids, which the gateway does not need.
  http-response del-header ^(x-litellm-|llm_provider-) -m reg
  server litellm 127.0.0.1:${LITELLM_PORTS.litellm} maxconn ${MAX_INFERENCE}
`;
}

function refuse(reason: string, status: number, type: string, message: string): string {
  const body = errorBody("openai", status, type, message);
  // No Retry-After: OpenClaw 2026.9.4 waits for it without a word, where it tries again by itself otherwise.
  return `http-request return status ${status} content-type application/json string '${body}' ` +
    `if { var(txn.refused) -m str "${reason}" }`;
}
