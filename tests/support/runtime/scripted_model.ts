/**
 * A model that does what it is told, in the part of OpenAI's API that the gateway uses of LiteLLM. A message
 * `CALL <tool> <arguments as JSON>`, on one line or several, is answered with that tool call, and the last tool's result with a
 * last word: so a test chooses what a turn executes, and sees what came of it.
 *
 * @module
 */

interface Message {
  readonly role: string;
  readonly content?: string | readonly { text?: string }[] | null;
  readonly tool_calls?: readonly unknown[];
}

interface ChatRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly Message[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

/** The running model. */
export interface ScriptedModel extends AsyncDisposable {
  /** Keys that it was asked with. */
  readonly keys: ReadonlySet<string>;
  /** What the tools gave, call by call. */
  readonly results: readonly string[];
  /** The system prompt of each request. */
  readonly prompts: readonly string[];
  /** Names of the tools that it was offered last. */
  readonly tools: readonly string[];
}

/** Starts one. */
export function scriptedModel(hostname: string, port: number): ScriptedModel {
  const keys = new Set<string>();
  const results: string[] = [];
  const tools: string[] = [];
  const prompts: string[] = [];
  const server = Deno.serve({ hostname, port, onListen: () => {} }, async (request) => {
    keys.add(request.headers.get("authorization")?.replace("Bearer ", "") ?? "");
    if (request.method !== "POST") return Response.json({ object: "list", data: [] });
    const chat = await request.json() as ChatRequest;
    prompts.push(chat.messages.filter(({ role }) => role === "system").map(text).join("\n"));
    tools.splice(0, tools.length, ...(chat.tools ?? []).map((tool) => tool.function.name));
    const { result, choice } = reply(chat.messages);
    if (result !== undefined) results.push(result);
    return answer(chat, choice);
  });
  return { keys, results, prompts, tools, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** The next tool call that this turn's message asks for; a last word once all tools have run. */
function reply(messages: readonly Message[]) {
  // A turn ends with an answer that calls no tool. It may begin with more than one message: the gateway adds some of its own.
  const turn = messages.slice(
    messages.findLastIndex(({ role, tool_calls }) => role === "assistant" && !tool_calls) + 1,
  );
  const of = (role: string) => turn.filter((message) => message.role === role).map(text);
  const results = of("tool");
  const result = results.at(-1);
  const calls = [...of("user").join("\n").matchAll(/CALL (\w+) (\{.*\})/g)];
  const [, name, args] = calls[results.length] ?? [];
  if (name === undefined) {
    return { result, choice: { message: { role: "assistant", content: "done" }, finish: "stop" } };
  }
  const call = { index: 0, id: crypto.randomUUID(), type: "function", function: { name, arguments: args } };
  return {
    result,
    choice: { message: { role: "assistant", content: null, tool_calls: [call] }, finish: "tool_calls" },
  };
}

const text = ({ content }: Message) =>
  typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("");

function answer({ model, stream }: ChatRequest, { message, finish }: ReturnType<typeof reply>["choice"]): Response {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const base = { id: "scripted", created: 0, model };
  if (!stream) {
    const choices = [{ index: 0, message, finish_reason: finish }];
    return Response.json({ ...base, object: "chat.completion", choices, usage });
  }
  const chunks = [
    { choices: [{ index: 0, delta: message, finish_reason: null }] },
    { choices: [{ index: 0, delta: {}, finish_reason: finish }] },
    { choices: [], usage },
  ];
  const events = chunks.map((chunk) => JSON.stringify({ ...base, object: "chat.completion.chunk", ...chunk }));
  const body = [...events, "[DONE]"].map((event) => `data: ${event}\n\n`).join("");
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
