/**
 * Turns of the real gateway that execute a chosen command, with the scripted model.
 *
 * @module
 */

import type { Gateway } from "./gateway_pod.ts";

/** Arguments of OpenClaw's tool `exec`. */
export interface ExecCall {
  readonly command: string;
  readonly elevated?: boolean;
  /** When the tool returns although the command still runs, in milliseconds; OpenClaw's default is 10 s. */
  readonly yieldMs?: number;
}

/** Runs one turn with `openclaw agent` and returns the tool's output. */
export async function turn({ pod, model }: Gateway, call: ExecCall): Promise<string> {
  const before = model.results.length;
  const args = ["node", "openclaw.mjs", "agent", "--agent", "main", "--json", "--message", message(call)];
  const { code, stdout, stderr } = await pod.exec("openclaw", args);
  const result = model.results[before];
  if (result === undefined) throw new Error(`a turn without a tool's result: exit status ${code}\n${stdout}${stderr}`);
  return result;
}

/** Runs one turn like the web UI and returns the tool's output. */
export async function chat({ pod, model }: Gateway, session: string, call: ExecCall): Promise<string> {
  const before = model.results.length;
  const params = {
    sessionKey: session,
    idempotencyKey: crypto.randomUUID(),
    message: message(call),
  };
  const args = ["node", "openclaw.mjs", "gateway", "call", "chat.send", "--json", "--params", JSON.stringify(params)];
  const { code, stdout, stderr } = await pod.exec("openclaw", args);
  if (code !== 0) throw new Error(`chat.send: exit status ${code}\n${stdout}${stderr}`);
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const result = model.results[before];
    if (result !== undefined) return result;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("chat.send: the turn called no tool");
}

const message = (call: ExecCall) => `CALL exec ${JSON.stringify({ yieldMs: 60_000, ...call })}`;
