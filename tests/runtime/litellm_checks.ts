/**
 * What a LiteLLM pod may and may not do, as checks that give what they find: a good pod and a broken one run the same.
 *
 * @module
 */

import { must } from "../judges/parts.ts";
import type { Operation } from "./litellm_routes.ts";
import type { Pod } from "./pod.ts";
import { type Answer, client } from "./raw_request.ts";

/** LiteLLM's port. */
export const PORT = 4000;

/** What the gateway's key is for. */
const INFERENCE = new Set(["POST /v1/chat/completions", "POST /chat/completions", "GET /v1/models", "GET /models"]);

/** Wrong key, forbidden, and too many logins. */
const REFUSED: ReadonlySet<number | undefined> = new Set([401, 403, 429]);

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

/**
 * Operations beyond inference where a key gets another answer than nobody does, and no refusal. What is open to everybody is not
 * the key's doing.
 */
export async function reachedBy(pod: Pod, key: string, operations: readonly Operation[]): Promise<string[]> {
  const others = operations.filter(({ method, path }) => !INFERENCE.has(`${method} ${path}`));
  const [without, withKey] = [await statuses(pod, others, undefined), await statuses(pod, others, key)];
  return others.map(({ method, path }) => `${method} ${path}`).filter((operation) => {
    const status = withKey.get(operation);
    return !REFUSED.has(status) && status !== without.get(operation);
  });
}

/** Ways around the exact paths, by which a key reaches what it may not. */
export async function trickedBy(pod: Pod, key: string): Promise<string[]> {
  const operations = SENSITIVE.flatMap((path) => TRICKS.map((trick) => ({ method: "GET", path: trick(path) })));
  return await reachedBy(pod, key, operations);
}

/** Operations that answer 2xx to anybody. */
export async function openToAll(pod: Pod, operations: readonly Operation[]): Promise<string[]> {
  const found = await statuses(pod, operations, undefined);
  return [...found].filter(([, status]) => status >= 200 && status < 300).map(([operation]) => operation).toSorted();
}

async function statuses(pod: Pod, operations: readonly Operation[], key: string | undefined) {
  await using http = client(pod.address, PORT);
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

/** Has a pod count, from its first packet on, what it sends out by itself; refuses it. For `before` of the container. */
export async function countOutgoing(pod: Pod): Promise<void> {
  const inside = (...argv: string[]) => must("nsenter", [`--net=/run/netns/${pod.name}`, ...argv]);
  // Without a route nothing would get as far as the counter.
  await inside("ip", "route", "add", "default", "via", pod.network.host);
  await inside("iptables", "-I", "OUTPUT", "-o", "eth0", "-m", "conntrack", "--ctstate", "NEW", "-j", "REJECT");
}

/** How many packets that were; a question to the DNS is one too. */
export async function outgoing(pod: Pod): Promise<number> {
  const { stdout } = await must("nsenter", [
    `--net=/run/netns/${pod.name}`,
    ...["iptables", "--numeric", "--verbose", "--exact", "--list", "OUTPUT"],
  ]);
  return Number(stdout.match(/^\s*(\d+)\s+\d+\s+REJECT/m)?.[1]);
}
