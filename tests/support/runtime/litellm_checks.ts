/**
 * Checks of what a LiteLLM pod may and may not do. They return what they find, so that the same checks run on a correct and a
 * broken pod.
 *
 * @module
 */

import { runOrThrow } from "../tools.ts";
import type { Json } from "../support.ts";
import type { Operation } from "./litellm_routes.ts";
import { withContainer } from "./objects.ts";
import type { Pod } from "./pod.ts";
import { type Answer, client } from "./raw_request.ts";

/** The front door's port, which the Service exposes. */
export const PORT = 4000;
/** LiteLLM's own port, on loopback except with {@linkcode exposed}. */
export const INNER_PORT = 4001;

/** Returns the objects with LiteLLM itself reachable for a test, without the front door. */
export function exposed(objects: readonly Json[]): Json[] {
  return withContainer(objects, "litellm", "litellm", ({ args }) => {
    args[args.indexOf("127.0.0.1")] = "0.0.0.0";
  });
}

/** The operations of the gateway's key. */
const INFERENCE = new Set(["POST /v1/chat/completions", "POST /chat/completions", "GET /v1/models", "GET /models"]);

/** The statuses for a wrong key, a forbidden route, and too many logins. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

/** Harmful routes whose response shows whether they were reached. */
const SENSITIVE = ["/model/info", "/config/yaml", "/get/config/callbacks", "/health", "/key/list", "/cache/ping"];

/** Equivalent forms of a path. */
const TRICKS: readonly ((path: string) => string)[] = [
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `/v1/models/..${path}`,
  (path) => `/v1/models/%2e%2e/..${path}`,
  (path) => `/v1/models/..%2f..${path}`,
  (path) => `/./${path.slice(1)}`,
  (path) => `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`,
  (path) => `${path}%00`,
  (path) => `${path}%20`,
  (path) => `${path};/v1/models`,
  (path) => `${path}?path=/v1/models`,
  (path) => path.toUpperCase(),
  (path) => `http://litellm:${PORT}${path}`,
];

/** Returns a request's headers for a key. */
export function bearer(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

/** A pod's responses to operations, by `METHOD path`. */
export type Statuses = ReadonlyMap<string, number>;

/** Sends every operation once, with or without a key. */
export async function sweep(
  pod: Pod,
  operations: readonly Operation[],
  key?: string,
  port = PORT,
): Promise<Statuses> {
  await using http = client(pod.address, port);
  const found = new Map<string, number>();
  const queue = [...operations];
  const worker = async () => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const body = next.method === "GET" || next.method === "HEAD" ? "" : "{}";
      // Some open an endless stream, which is not a refusal.
      const status = await http.send({ ...next, headers: bearer(key), body }).then(({ status }) => status, () => 0);
      found.set(`${next.method} ${next.path}`, status);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return found;
}

/**
 * Returns the operations beyond inference that are not refused with a key and respond differently without one. Operations that
 * are open without a key do not count.
 */
export function reached(withKey: Statuses, withNone: Statuses): string[] {
  return [...withKey]
    .filter(([operation, status]) =>
      !INFERENCE.has(operation) && !REFUSED.has(status) && status !== withNone.get(operation)
    )
    .map(([operation]) => operation);
}

/** Returns the operations with a 2xx response. */
export function answered(statuses: Statuses): string[] {
  return [...statuses].filter(([, status]) => status >= 200 && status < 300).map(([operation]) => operation).toSorted();
}

/** Variants of the exact paths with which a key might reach forbidden routes. */
export const TRICKED: readonly Operation[] = SENSITIVE.flatMap((path) =>
  TRICKS.map((trick) => ({ method: "GET", path: trick(path) }))
);

/** Sends a request to a model. */
export async function chat(pod: Pod, key: string, model: string, stream = false): Promise<Answer> {
  await using http = client(pod.address, PORT);
  const body = JSON.stringify({ model, stream, messages: [{ role: "user", content: "say hi" }] });
  return await http.send({ method: "POST", path: "/v1/chat/completions", headers: bearer(key), body });
}

/** Returns the text of an answer, with or without streaming. */
export function textOfAnswer({ text }: Answer): string {
  if (!text.startsWith("data: ")) return JSON.parse(text).choices?.[0]?.message?.content ?? "";
  return text.split("\n\n").filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)).choices?.[0]?.delta?.content ?? "").join("");
}

/**
 * Makes a pod count and refuse everything that LiteLLM sends out on its own, from its first packet. Does not count the key
 * proxy's DNS queries, which another user sends. For `before` of the container.
 */
export async function countOutgoing(pod: Pod): Promise<void> {
  const inside = (...argv: string[]) => runOrThrow("nsenter", [`--net=/run/netns/${pod.name}`, ...argv]);
  // Without a route, no packet would reach the counter.
  await inside("ip", "route", "add", "default", "via", pod.network.host);
  const state = ["-m", "conntrack", "--ctstate", "NEW", "-m", "owner", "--uid-owner", "1000"];
  await inside("iptables", "-I", "OUTPUT", "-o", "eth0", ...state, "-j", "REJECT");
}

/** Returns the number of packets, including DNS queries. */
export async function outgoing(pod: Pod): Promise<number> {
  const { stdout } = await runOrThrow("nsenter", [
    `--net=/run/netns/${pod.name}`,
    ...["iptables", "--numeric", "--verbose", "--exact", "--list", "OUTPUT"],
  ]);
  return Number(stdout.match(/^\s*(\d+)\s+\d+\s+REJECT/m)?.[1]);
}
