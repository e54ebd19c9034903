/**
 * What a LiteLLM pod may and may not do, as checks that give what they find: a good pod and a broken one run the same.
 *
 * @module
 */

import { must } from "../tools.ts";
import type { Json } from "../support.ts";
import type { Operation } from "./litellm_routes.ts";
import { withContainer } from "./objects.ts";
import type { Pod } from "./pod.ts";
import { type Answer, client } from "./raw_request.ts";

/** The front door's port, which the Service leads to. */
export const PORT = 4000;
/** LiteLLM's own, on loopback but for {@linkcode exposed}. */
export const INNER_PORT = 4001;

/** The objects with LiteLLM itself within a test's reach, past the front door. */
export function exposed(objects: readonly Json[]): Json[] {
  return withContainer(objects, "litellm", "litellm", ({ args }) => {
    args[args.indexOf("127.0.0.1")] = "0.0.0.0";
  });
}

/** What the gateway's key is for. */
const INFERENCE = new Set(["POST /v1/chat/completions", "POST /chat/completions", "GET /v1/models", "GET /models"]);

/** Wrong key, forbidden, and too many logins. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

/** Routes that would do harm, and whose answer shows whether they were reached. */
const SENSITIVE = ["/model/info", "/config/yaml", "/get/config/callbacks", "/health", "/key/list", "/cache/ping"];

/** Other ways to write a path. */
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

/** A request's headers for a key. */
export function bearer(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

/** How a pod answers operations, by `METHOD path`. */
export type Statuses = ReadonlyMap<string, number>;

/** Sends every operation once, with a key or without. */
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
      // Some open a stream that has no end, which is no refusal.
      const status = await http.send({ ...next, headers: bearer(key), body }).then(({ status }) => status, () => 0);
      found.set(`${next.method} ${next.path}`, status);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return found;
}

/**
 * Operations beyond inference where a key gets another answer than nobody does, and no refusal. What is open to everybody is not
 * the key's doing.
 */
export function reached(withKey: Statuses, withNone: Statuses): string[] {
  return [...withKey]
    .filter(([operation, status]) =>
      !INFERENCE.has(operation) && !REFUSED.has(status) && status !== withNone.get(operation)
    )
    .map(([operation]) => operation);
}

/** Operations that answered 2xx. */
export function answered(statuses: Statuses): string[] {
  return [...statuses].filter(([, status]) => status >= 200 && status < 300).map(([operation]) => operation).toSorted();
}

/** Ways around the exact paths, by which a key might reach what it may not. */
export const TRICKED: readonly Operation[] = SENSITIVE.flatMap((path) =>
  TRICKS.map((trick) => ({ method: "GET", path: trick(path) }))
);

/** Asks a model. */
export async function chat(pod: Pod, key: string, model: string, stream = false): Promise<Answer> {
  await using http = client(pod.address, PORT);
  const body = JSON.stringify({ model, stream, messages: [{ role: "user", content: "say hi" }] });
  return await http.send({ method: "POST", path: "/v1/chat/completions", headers: bearer(key), body });
}

/** The text of an answer, streamed or not. */
export function textOfAnswer({ text }: Answer): string {
  if (!text.startsWith("data: ")) return JSON.parse(text).choices?.[0]?.message?.content ?? "";
  return text.split("\n\n").filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)).choices?.[0]?.delta?.content ?? "").join("");
}

/**
 * Has a pod count, from its first packet on, what LiteLLM sends out by itself; refuses it. The key proxy's questions to the DNS, of
 * another user, are not counted. For `before` of the container.
 */
export async function countOutgoing(pod: Pod): Promise<void> {
  const inside = (...argv: string[]) => must("nsenter", [`--net=/run/netns/${pod.name}`, ...argv]);
  // Without a route nothing would get as far as the counter.
  await inside("ip", "route", "add", "default", "via", pod.network.host);
  const state = ["-m", "conntrack", "--ctstate", "NEW", "-m", "owner", "--uid-owner", "1000"];
  await inside("iptables", "-I", "OUTPUT", "-o", "eth0", ...state, "-j", "REJECT");
}

/** How many packets that were; a question to the DNS is one too. */
export async function outgoing(pod: Pod): Promise<number> {
  const { stdout } = await must("nsenter", [
    `--net=/run/netns/${pod.name}`,
    ...["iptables", "--numeric", "--verbose", "--exact", "--list", "OUTPUT"],
  ]);
  return Number(stdout.match(/^\s*(\d+)\s+\d+\s+REJECT/m)?.[1]);
}
