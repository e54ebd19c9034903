/**
 * OpenClaw's own commands, run in the gateway's container as `kubectl exec` would.
 *
 * @module
 */

import type { Json } from "../support.ts";
import type { ExecOptions } from "./container.ts";
import type { Pod } from "./pod.ts";

/** Runs a command. */
export async function cli(pod: Pod, args: readonly string[], options: ExecOptions = {}) {
  return await pod.exec("openclaw", ["node", "openclaw.mjs", ...args], options);
}

/** Runs a command that must succeed, and returns its JSON. Log lines may precede the JSON. */
export async function cliJson(pod: Pod, args: readonly string[], options: ExecOptions = {}): Promise<Json> {
  const { code, stdout, stderr } = await cli(pod, [...args, "--json"], options);
  if (code !== 0) throw new Error(`openclaw ${args.join(" ")}: exit status ${code}\n${stdout}${stderr}`);
  // Most commands print it over many lines, some on one, which is the last.
  const start = stdout.search(/^[{[]$/m);
  return JSON.parse(start < 0 ? stdout.trim().split("\n").at(-1) ?? "" : stdout.slice(start));
}

/** Runs one turn of the agent and returns its answer. */
export async function say(pod: Pod, message: string): Promise<string> {
  const { result } = await cliJson(pod, ["agent", "--agent", "main", "--message", message]);
  return result.payloads.map(({ text }: Json) => text).join("\n");
}

/** Approves every browser that waits to be paired, as the owner does. Throws if none waits. */
export async function pairAll(pod: Pod): Promise<void> {
  const { pending } = await cliJson(pod, ["devices", "list"]);
  if (pending.length === 0) throw new Error("no browser waits to be paired");
  for (const { requestId } of pending) await cliJson(pod, ["devices", "approve", requestId]);
}
