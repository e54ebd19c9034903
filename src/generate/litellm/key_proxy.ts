/**
 * haproxy.cfg of the key proxy in LiteLLM's pod (SPEC E1, E10). It stands on both sides of LiteLLM:
 *
 * - in front, on the pod's port: LiteLLM parses a body before it looks at the key, so whoever reached it could exhaust its memory
 *   without one. The front door takes the proxy key, four routes and bounded bodies, at a bounded rate.
 * - behind, on loopback: LiteLLM takes parameters such as URLs and headers from request bodies, so it must not hold the provider's
 *   key. The way out has one upstream with a verified certificate, one method and path, and adds the key itself.
 *
 * Only what HAProxy 2.6 and 3.2 both know is used: the tests run Debian's 2.6, the image is 3.2.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { ANTHROPIC_KEY, DUMMY_VALUE } from "../../values/secret_format.ts";
import { HEADER } from "../../output/file.ts";
import { LITELLM_PORT, LITELLM_PORTS } from "../../tables/workloads.ts";

/** The provider behind LiteLLM: where its API is, and how it takes its key. */
const ANTHROPIC = {
  host: "api.anthropic.com",
  path: "/v1/messages",
  header: "x-api-key",
  secret: "ANTHROPIC_API_KEY",
  keyPrefix: ANTHROPIC_KEY.begins,
} as const;

/** Routes of the front door; LiteLLM's auth module has the same list (PROXY_KEY_ROUTES). */
const ROUTES = {
  chat: ["/v1/chat/completions", "/chat/completions"],
  models: ["/v1/models", "/models"],
} as const;

/** Anthropic refuses larger requests; in bytes. */
const MAX_BODY = 32 * 2 ** 20;

/** Connections at the front door; each takes 33 KiB while it is in use. Further ones wait in the kernel's queue. */
const MAX_FRONT_CONNECTIONS = 2000;

/** Requests that LiteLLM works on at a time; further ones wait in HAProxy, where they cost next to nothing. */
const MAX_INFERENCE = 32;

/** Bytes of a body that must be there before LiteLLM gets it; they have to fit into a buffer. */
const FIRST_OF_BODY = 15_000;

/** Lines a minute about refused requests: so many without the key, and as many with it. */
const MAX_LOG_LINES = 30;

/** Headers that Anthropic's API needs; every other one that LiteLLM would send is dropped. */
const HEADERS_OUT = [
  "accept",
  "accept-encoding",
  "anthropic-beta",
  "anthropic-version",
  "content-length",
  "content-type",
  "transfer-encoding",
  "user-agent",
];

/** The text of haproxy.cfg. */
export function keyProxyConfig({ config }: Model): string {
  const { host, path, header, secret, keyPrefix } = ANTHROPIC;
  const { requestsPerMinute } = config.models;
  return `# ${HEADER}
global
  # Nothing is logged below notice, and only rules of this file set that level: no client can flood or forge the log.
  log stdout format raw daemon notice
  maxconn ${MAX_FRONT_CONNECTIONS + 500}
  nbthread 1
  # Streams end within LiteLLM's own time of grace.
  hard-stop-after 20s
  ssl-default-server-options ssl-min-ver TLSv1.2
  set-var-fmt proc.bearer "Bearer %[env(LITELLM_PROXY_KEY)]"

defaults
  mode http
  log global
  retries 1
  option http-no-delay
  # An HTTP/2 connection holds a hundred streams without a key, whose answers nobody reads.
  option disable-h2-upgrade
  timeout connect 10s
  # For the headers, which is all that a client without a key can send.
  timeout http-request 5s
  timeout http-keep-alive 10s
  timeout queue 1m
  # A model may think for minutes before its first word.
  timeout client 10m
  timeout server 10m

# What the last minute saw. The front door serves one client, so one row counts all of a kind.
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

# For the kubelet alone. Apart from the front door, whose clients can fill that one, and from its queue.
frontend probes
  bind :${LITELLM_PORTS.probes}
  maxconn 100
  no log
  timeout client 20s
  http-request return status 200 content-type application/json string '{"status":"live"}' if { method GET } { path /livez }
  http-request deny status 404 unless { method GET } { path /health/liveliness /health/readiness }
  default_backend litellm_probes

backend litellm_probes
  timeout server 20s
  # Asks every 0.1 s for up to 4 s while LiteLLM starts, so that nobody waits for the kubelet's next look.
  timeout connect 100ms
  retries 40
  server litellm 127.0.0.1:${LITELLM_PORTS.litellm}

frontend to_anthropic
  bind 127.0.0.1:${LITELLM_PORTS.anthropic}
  maxconn 200
  log-format "to Anthropic: %ST, termination %tsc, after %Ta ms"
  option dontlog-normal
  timeout http-request 1m
  ${
    errors("anthropic", {
      400: "The key proxy could not read the request.",
      500: "The key proxy failed.",
      502: "The key proxy got no valid answer from Anthropic.",
      503: `The key proxy cannot reach ${host}: no DNS, no route, or no valid certificate.`,
      504: `The key proxy got no answer from ${host} in 10 minutes.`,
    })
  }
  acl key env(${secret}) -m reg '^${keyPrefix}[!-~]+\\z'
  acl no_key env(${secret}) -m reg '^(${DUMMY_VALUE})?\\z'
  # Says whether there is a key; the trial's mock asks. It says nothing of the key.
  http-request return status 204 if { method GET } { path /has-key } key
  http-request deny status 404 if { method GET } { path /has-key }
  http-request set-log-level notice
  http-request deny status 403 unless { method POST } { path ${path} }
  ${
    noKey(
      "no_key",
      `There is no Anthropic API key: ${secret} is empty or still the dummy value. Set it with: deno task ssm --run ${secret}`,
    )
  }
  ${
    noKey(
      "!key",
      `${secret} is not an Anthropic API key: a key begins with ${keyPrefix} and has no space or line break. Set it with: deno task ssm --run ${secret}`,
    )
  }
  http-request del-header ^(?!(${HEADERS_OUT.join("|")})$) -m reg
  http-request set-uri ${path}
  http-request set-header host ${host}
  http-request set-header ${header} %[env(${secret})]
  default_backend anthropic

backend anthropic
  server anthropic ${host}:443 ssl verify required ca-file /etc/ssl/certs/ca-certificates.crt verifyhost ${host} sni str(${host}) resolvers cluster init-addr none resolve-prefer ipv4

# Asked again and again: Anthropic's addresses change. A start does not wait for an answer.
resolvers cluster
  parse-resolv-conf
  resolve_retries 3
  timeout resolve 1s
  timeout retry 1s
  hold valid 30s
  hold nx 5s
  hold other 30s
  hold obsolete 1h
`;
}

/** JSON errors in OpenAI's form, which the gateway reads, or in Anthropic's, which LiteLLM reads. */
type Form = "openai" | "anthropic";

function errorBody(form: Form, status: number, type: string, message: string): string {
  const body = form === "openai"
    ? { error: { message, type, param: null, code: String(status) } }
    : { type: "error", error: { type, message } };
  // HAProxy's configuration has it in single quotes.
  return JSON.stringify(body).replaceAll("'", "\\u0027");
}

/** HAProxy's own errors, which are HTML otherwise. */
function errors(form: Form, messages: Readonly<Record<number, string>>): string {
  return Object.entries(messages).map(([status, message]) =>
    `http-error status ${status} content-type application/json string '${
      errorBody(form, Number(status), "api_error", message)
    }'`
  ).join("\n  ");
}

function refuse(reason: string, status: number, type: string, message: string): string {
  const body = errorBody("openai", status, type, message);
  // No Retry-After: OpenClaw 2026.9.4 waits for it without a word, where it tries again by itself otherwise.
  return `http-request return status ${status} content-type application/json string '${body}' ` +
    `if { var(txn.refused) -m str "${reason}" }`;
}

function noKey(condition: string, message: string): string {
  const body = errorBody("anthropic", 401, "authentication_error", message);
  return `http-request return status 401 content-type application/json string '${body}' if ${condition}`;
}
