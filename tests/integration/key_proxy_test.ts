/**
 * The key proxy behind LiteLLM (requirement E1): real HAProxy and real LiteLLM, with a stub of Anthropic that has a
 * certificate. Only the stub receives the key, errors say what is wrong, and a stream is not buffered.
 *
 * @module
 */

import assert from "node:assert/strict";
import { IMAGES } from "../../src/tables/pins.ts";
import { PLACEHOLDER_KEY } from "../../src/generate/litellm/config.ts";
import { tool } from "../support/tools.ts";
import { type Anthropic, anthropic, ANTHROPIC_HOST, type AnthropicOptions } from "../support/runtime/anthropic.ts";
import { STUB_ANSWER } from "../support/runtime/anthropic_stub.ts";
import { bearer, chat, PORT, textOfAnswer } from "../support/runtime/litellm_checks.ts";
import { network } from "../support/runtime/network.ts";
import { dataOf, overlay } from "../support/runtime/objects.ts";
import { type Pod, startPod } from "../support/runtime/pod.ts";
import { podRuntime } from "../support/runtime/scratch.ts";

const KEY = "sk-ant-fake-key-of-a-test";
const MODEL = "claude-sonnet-4-5-20250929";

const given = await tool("LiteLLM's pod with a key", async () => {
  await podRuntime(IMAGES.litellm, IMAGES.keyProxy);
  const objects = await overlay("kind");
  const prod = [...await overlay("prod"), ...objects.filter(({ kind }) => kind === "Secret")];
  return { prod, proxy: dataOf(objects, "Secret", "litellm-credentials")["LITELLM_PROXY_KEY"] ?? "" };
});
const { ignore } = given;
const { prod = [], proxy = "" } = given.value ?? {};

interface Given extends AsyncDisposable {
  readonly pod: Pod;
  readonly stub: Anthropic;
}

/** Starts the production pod with the stub of Anthropic. */
async function start(key: string, options: AnthropicOptions = {}): Promise<Given> {
  const stack = new AsyncDisposableStack();
  try {
    const net = stack.use(await network());
    const stub = stack.use(await anthropic(net, options));
    const pod = stack.use(
      await startPod({
        objects: prod,
        deployment: "litellm",
        network: net,
        secrets: { "key-proxy-credentials": { ANTHROPIC_API_KEY: key } },
        files: stub.files,
      }),
    );
    return { pod, stub, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

Deno.test({
  name: "the key proxy sends requests to Anthropic with the key, and returns its responses",
  ignore,
  fn: async (t) => {
    // The stub's next response; by default like Anthropic's.
    let next: (() => Response) | undefined;
    await using given = await start(KEY, { answer: () => next?.() });
    const { pod, stub } = given;

    await t.step("it sends the headers that Anthropic needs, and none of LiteLLM's credentials", async () => {
      assert.equal(textOfAnswer(await chat(pod, proxy, MODEL)), STUB_ANSWER);
      const [request] = stub.requests;
      assert.ok(request);
      const { method, path, headers } = request;
      assert.deepEqual([method, path, headers["host"], headers["x-api-key"]], [
        "POST",
        "/v1/messages",
        ANTHROPIC_HOST,
        KEY,
      ]);
      assert.deepEqual(Object.keys(headers).toSorted(), [
        ...["accept", "accept-encoding", "anthropic-version", "content-length", "content-type", "host", "user-agent"],
        "x-api-key",
      ]);
      assert.ok(!JSON.stringify(headers).includes(PLACEHOLDER_KEY));
    });

    await t.step("LiteLLM's container cannot send any other path, method, query or header", async () => {
      const before = stub.requests.length;
      const { stdout, code, stderr } = await pod.exec("litellm", ["python3", "-"], { stdin: TRIES });
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), {
        "GET /v1/messages": 403,
        "POST /v1/files": 403,
        "POST /v1/messages/batches": 403,
        "POST //v1/messages": 403,
        "POST /v1/messages/": 403,
        "DELETE /v1/messages": 403,
        "GET /has-key": 204,
        "POST /v1/messages?beta=true": 200,
      });
      const [last, ...others] = stub.requests.slice(before);
      assert.ok(last !== undefined && others.length === 0);
      assert.deepEqual([last.path, last.key, last.headers["authorization"], last.headers["x-forwarded-host"]], [
        "/v1/messages",
        KEY,
        undefined,
        undefined,
      ]);
    });

    await t.step("an error of Anthropic arrives with its status and message", async () => {
      for (const [status, type] of [[401, "authentication_error"], [400, "invalid_request_error"]] as const) {
        const message = `words of Anthropic for ${status}`;
        next = () => Response.json({ type: "error", error: { type, message } }, { status });
        for (const stream of [false, true]) {
          const answer = await chat(pod, proxy, MODEL, stream);
          assert.equal(answer.status, status, answer.text);
          assert.ok(answer.text.includes(message), answer.text);
        }
      }
      next = undefined;
    });

    await t.step("a stream is not buffered", async () => {
      const gate = Promise.withResolvers<void>();
      next = () => new Response(inTwoParts(gate.promise), { headers: { "content-type": "text/event-stream" } });
      const body = JSON.stringify({ model: MODEL, stream: true, messages: [{ role: "user", content: "say hi" }] });
      const headers = { ...bearer(proxy), "content-type": "application/json" };
      const answer = await pod.fetch(PORT, "/v1/chat/completions", { method: "POST", headers, body });
      assert.ok(answer.body);
      let text = "";
      for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
        text += part;
        // The stub sends the second part only once the first has arrived, so with buffering this would never end.
        if (text.includes("first")) gate.resolve();
      }
      assert.ok(text.includes("second") && text.includes("[DONE]"), text);
      next = undefined;
    });
  },
});

/** Sends requests from LiteLLM's container and prints the status of each. */
const TRIES = `
import http.client, json
tries = [("GET", "/v1/messages"), ("POST", "/v1/files"), ("POST", "/v1/messages/batches"), ("POST", "//v1/messages"),
         ("POST", "/v1/messages/"), ("DELETE", "/v1/messages"), ("GET", "/has-key"), ("POST", "/v1/messages?beta=true")]
found = {}
for method, path in tries:
    connection = http.client.HTTPConnection("127.0.0.1", 4003)
    headers = {"authorization": "Bearer mine", "x-api-key": "mine", "x-forwarded-host": "evil.example", "content-type": "application/json"}
    connection.request(method, path, body=json.dumps({"model": "x", "messages": []}) if method == "POST" else None, headers=headers)
    found[f"{method} {path}"] = connection.getresponse().status
print(json.dumps(found))
`;

/** Returns a stream of Anthropic whose second half waits. */
function inTwoParts(gate: Promise<void>): ReadableStream<Uint8Array> {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "m", type: "message", role: "assistant", model: MODEL, content: [], stop_reason: null, usage };
  const delta = (text: string) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
  const lines = (...events: { type: string }[]) =>
    new TextEncoder().encode(
      events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""),
    );
  return new ReadableStream({
    start: async (controller) => {
      const start = { type: "message_start", message };
      const block = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
      controller.enqueue(lines(start, block, delta("first ")));
      await gate;
      const end = { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage };
      const stop = { type: "content_block_stop", index: 0 };
      controller.enqueue(lines(delta("second"), stop, end, { type: "message_stop" }));
      controller.close();
    },
  });
}

/** Invalid values of the key, and the error for the assistant's owner. */
const BAD_KEYS: readonly (readonly [value: string, words: string])[] = [
  [
    "",
    "There is no Anthropic API key: ANTHROPIC_API_KEY is empty or still the placeholder value. Set it with: deno task ssm",
  ],
  ["dummy-value-to-be-updated-manually", "is empty or still the placeholder value"],
  ["fake-key-of-another-maker", "ANTHROPIC_API_KEY is not an Anthropic API key: a key begins with sk-ant-"],
  ["sk-ant-fake-key\nx-evil: 1", "a key begins with sk-ant- and has no space or line break"],
  ["sk-ant-fake-key\n", "a key begins with sk-ant- and has no space or line break"],
];

Deno.test("without a usable key nothing is sent, and the error says what is wrong", { ignore }, async () => {
  for (const [value, words] of BAD_KEYS) {
    await using given = await start(value);
    const answer = await chat(given.pod, proxy, MODEL);
    assert.equal(answer.status, 401, answer.text);
    assert.ok(answer.text.includes(words), answer.text);
    assert.deepEqual(given.stub.requests, []);
    if (value !== "") assert.ok(!answer.text.includes(value) && !(await given.pod.logs("key-proxy")).includes(value));
  }
});

/** Servers that are not Anthropic: an untrusted certificate, or one for another host. */
const IMPOSTORS: readonly (readonly [who: string, options: AnthropicOptions])[] = [
  ["a certificate of an unknown authority", { trusted: false }],
  ["a certificate for another host", { host: "api.anthropic.com.evil.example" }],
];

Deno.test("a server that cannot prove that it is Anthropic does not receive the key", { ignore }, async () => {
  for (const [who, options] of IMPOSTORS) {
    await using given = await start(KEY, options);
    const answer = await chat(given.pod, proxy, MODEL);
    assert.notEqual(answer.status, 200, who);
    assert.ok(answer.text.includes("The key proxy cannot reach api.anthropic.com"), answer.text);
    assert.deepEqual(given.stub.requests, [], who);
    assert.match(await given.pod.logs("key-proxy"), /^to Anthropic: 503, /m);
  }
});
