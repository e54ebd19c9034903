/**
 * The proxy behind LiteLLM, which holds the provider's key: one upstream with a verified certificate, one method and path
 * (requirement E1).
 *
 * @module
 */

import type { SecretEnv } from "../../../tables/secrets.ts";
import { LITELLM_PORTS } from "../../../tables/workloads.ts";
import { ANTHROPIC_KEY, DUMMY_VALUE } from "../../../values/secret_format.ts";
import { errorBody, errors } from "./errors.ts";

/** The provider behind LiteLLM: the address of its API, and how it expects its key. */
const ANTHROPIC = {
  host: "api.anthropic.com",
  path: "/v1/messages",
  header: "x-api-key",
  secret: "ANTHROPIC_API_KEY",
  keyPrefix: ANTHROPIC_KEY.begins,
} as const satisfies { readonly secret: SecretEnv<"key-proxy">; readonly [setting: string]: string };

/** Headers that Anthropic's API needs; all other headers from LiteLLM are dropped. */
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

/** Returns the frontend that LiteLLM connects to, and Anthropic as its backend. */
export function wayOut(): string {
  const { host, path, header, secret, keyPrefix } = ANTHROPIC;
  return `frontend to_anthropic
  bind 127.0.0.1:${LITELLM_PORTS.anthropic}
  maxconn 200
  log-format "to Anthropic: %ST, termination %tsc, after %Ta ms"
  option dontlog-normal
  timeout http-request 1m
  ${
    errors("anthropic", {
      400: "The key proxy could not read the request.",
      500: "The key proxy failed.",
      502: "The key proxy received no valid response from Anthropic.",
      503: `The key proxy cannot reach ${host}: no DNS, no route, or no valid certificate.`,
      504: `The key proxy received no response from ${host} within 10 minutes.`,
    })
  }
  acl key env(${secret}) -m reg '^${keyPrefix}[!-~]+\\z'
  acl no_key env(${secret}) -m reg '^(${DUMMY_VALUE})?\\z'
  # Tells the trial's mock whether a key is set, without revealing the key.
  http-request return status 204 if { method GET } { path /has-key } key
  http-request deny status 404 if { method GET } { path /has-key }
  http-request set-log-level notice
  http-request deny status 403 unless { method POST } { path ${path} }
  ${
    noKey(
      "no_key",
      `There is no Anthropic API key: ${secret} is empty or still the placeholder value. Set it with: deno task ssm --run ${secret}`,
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

# Resolves repeatedly, because Anthropic's addresses change. A start does not wait for a response.
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

function noKey(condition: string, message: string): string {
  const body = errorBody("anthropic", 401, "authentication_error", message);
  return `http-request return status 401 content-type application/json string '${body}' if ${condition}`;
}
