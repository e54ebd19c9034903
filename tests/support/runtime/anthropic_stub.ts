/**
 * A stub of Anthropic's Messages API, with and without streaming, that records its requests.
 *
 * @module
 */

/** A recorded request. */
export interface Recorded {
  readonly method: string;
  /** The path, including the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string | null;
  readonly model: string;
  readonly stream: boolean;
  /** The entire request, as text. */
  readonly body: string;
}

/** A running stub. */
export interface AnthropicStub extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly Recorded[];
}

/** The stub's answer. */
export const STUB_ANSWER = "hello from the stub";

/** Options of a test. */
export interface StubOptions {
  /** The port. Default: a free one. */
  readonly port?: number;
  /** With a certificate the stub speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Answers instead of the stub if it returns a response. */
  readonly answer?: (request: Recorded) => Response | undefined | Promise<Response | undefined>;
}

/** Starts a stub on an address. */
export function anthropicStub(hostname: string, { port = 0, tls, answer }: StubOptions = {}): AnthropicStub {
  const requests: Recorded[] = [];
  const options = { hostname, port, onListen: () => {}, ...tls };
  const server = Deno.serve(options, async (request) => {
    const { method, url, headers } = request;
    const body = await request.text();
    const { pathname, search } = new URL(url);
    const { model = "", stream = false } = body === "" ? {} : JSON.parse(body) as Partial<Recorded>;
    const recorded = {
      method,
      path: pathname + search,
      headers: Object.fromEntries(headers),
      key: headers.get("x-api-key"),
      model,
      stream,
      body,
    };
    requests.push(recorded);
    return await answer?.(recorded) ?? (stream ? streamed(model) : Response.json(message(model)));
  });
  return {
    url: `${tls === undefined ? "http" : "https"}://${hostname}:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function message(model: string, content = [{ type: "text", text: STUB_ANSWER }]) {
  const usage = { input_tokens: 3, output_tokens: 5 };
  return { id: "msg_stub", type: "message", role: "assistant", model, content, stop_reason: "end_turn", usage };
}

function streamed(model: string): Response {
  const words = STUB_ANSWER.match(/\S+\s*/g) ?? [];
  const events = [
    { type: "message_start", message: { ...message(model, []), stop_reason: null } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    ...words.map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: "message_stop" },
  ];
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}
