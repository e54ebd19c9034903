/**
 * haproxy.cfg of the key proxy in LiteLLM's pod (requirements E1, E10). It stands on both sides of LiteLLM:
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

import { HEADER } from "../../../output/file.ts";
import { LITELLM_PORTS } from "../../../tables/workloads.ts";
import { frontDoor, MAX_FRONT_CONNECTIONS } from "./front_door.ts";
import { wayOut } from "./way_out.ts";

/** Returns the text of haproxy.cfg. `requestsPerMinute` bounds the requests with the key in any minute. */
export function keyProxyConfig({ requestsPerMinute }: { readonly requestsPerMinute: number }): string {
  return [defaults(), frontDoor(requestsPerMinute), probes(), wayOut()].join("\n");
}

function defaults(): string {
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
`;
}

function probes(): string {
  return `# For the kubelet alone. Apart from the front door, whose clients can fill that one, and from its queue.
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
`;
}
