/**
 * Sends one message to the assistant of a trial.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { TrialFailed } from "./failed.ts";
import type { Gateway } from "./overlay.ts";
import { printable } from "../../values/printable.ts";

/** Returns the arguments of kubectl that send a message. No shell is involved, so any text reaches OpenClaw unchanged. */
export function chatArguments({ namespace, name, container }: Gateway, message: string): string[] {
  return [
    ...["-n", namespace, "exec", `deployment/${name}`, "-c", container, "--"],
    // Without the equals sign, a message that begins with a hyphen would be parsed as an option.
    ...["node", "openclaw.mjs", "agent", "--agent", "main", `--message=${message}`, "--json"],
  ];
}

/**
 * Sends a message and returns the answer.
 *
 * @throws {TrialFailed} if the assistant does not answer; the message contains OpenClaw's error
 */
export async function chat(kubectl: Kubectl, gateway: Gateway, message: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl.attempt(chatArguments(gateway, message));
  const reply = parseReply(stdout);
  if (code === 0 && reply?.text !== undefined) return reply.text;
  const why = reply?.error ?? (printable(stderr).trim() || `no answer (exit status ${code})`);
  throw new TrialFailed(
    `the assistant did not answer: ${why}\nsee deno task trial status --context ${kubectl.context}`,
  );
}

/** The output of `openclaw agent --json`; a turn through the gateway has its payloads in `result`. */
interface Reply {
  readonly status?: string;
  readonly summary?: string;
  readonly error?: { readonly message?: string } | string;
  readonly payloads?: readonly Payload[];
  readonly result?: { readonly payloads?: readonly Payload[] };
}

interface Payload {
  readonly text?: string | null;
  readonly isError?: boolean;
}

/** Parses the JSON that OpenClaw printed. Returns undefined if it is not JSON. */
export function parseReply(stdout: string): { readonly text?: string; readonly error?: string } | undefined {
  let reply: Reply;
  try {
    reply = JSON.parse(stdout) as Reply;
  } catch {
    return undefined;
  }
  const payloads = reply.result?.payloads ?? reply.payloads ?? [];
  const text = printable(payloads.map((payload) => payload.text ?? "").filter(Boolean).join("\n\n"));
  const failed = reply.error !== undefined || (reply.status ?? "ok") !== "ok" ||
    payloads.some(({ isError }) => isError === true);
  if (text !== "" && !failed) return { text };
  const said = typeof reply.error === "string" ? reply.error : reply.error?.message;
  const summary = failed ? reply.summary : undefined;
  return { error: printable(said ?? (text || summary || `status ${reply.status}, no text`)) };
}
