/**
 * haproxy.cfg of the key proxy in LiteLLM's pod (requirements E1, E10). It is on both sides of LiteLLM:
 *
 * - in front, on the pod's port: LiteLLM parses a body before it checks the key, so any client could exhaust its memory without
 *   a key. The front door accepts only the proxy key, four routes and bodies of limited size, at a limited rate.
 * - behind, on loopback: LiteLLM reads parameters such as URLs and headers from request bodies, so it must not hold the
 *   provider's key. The outbound proxy has one upstream with a verified certificate, accepts one method and path, and adds the
 *   key itself.
 *
 * It uses only features of both HAProxy 2.6 and 3.2: the tests run Debian's 2.6, the image is 3.2.
 *
 * @module
 */

import { HEADER } from "../../../output/file.ts";
import { LITELLM_PORTS } from "../../../tables/workloads.ts";
import { frontDoor, MAX_FRONT_CONNECTIONS } from "./front_door.ts";
import { wayOut } from "./way_out.ts";

/** Returns the text of haproxy.cfg. `requestsPerMinute` limits the requests with the key in any minute. */
export function keyProxyConfig({ requestsPerMinute }: { readonly requestsPerMinute: number }): string {
  return [defaults(), frontDoor(requestsPerMinute), probes(), wayOut()].join("\n");
}

function defaults(): string {
  return `# ${HEADER}
global
  # Only notice and above is logged, and only rules of this file set that level, so no client can flood or forge the log.
  log stdout format raw daemon notice
  maxconn ${MAX_FRONT_CONNECTIONS + 500}
  nbthread 1
  # Streams end within LiteLLM's own grace period.
  hard-stop-after 20s
  ssl-default-server-options ssl-min-ver TLSv1.2
  set-var-fmt proc.bearer "Bearer %[env(LITELLM_PROXY_KEY)]"

defaults
  mode http
  log global
  retries 1
  option http-no-delay
  # An HTTP/2 connection could hold a hundred streams without a key whose answers the client never reads.
  option disable-h2-upgrade
  timeout connect 10s
  # For the headers, the only thing that a client without a key can send.
  timeout http-request 5s
  timeout http-keep-alive 10s
  timeout queue 1m
  # A model may think for minutes before its first token.
  timeout client 10m
  timeout server 10m
`;
}

function probes(): string {
  return `# Only for the kubelet. It is separate from the front door and its queue, which clients can fill.
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
  # Retries every 0.1 s for up to 4 s while LiteLLM starts, instead of waiting for the kubelet's next probe.
  timeout connect 100ms
  retries 40
  server litellm 127.0.0.1:${LITELLM_PORTS.litellm}
`;
}
