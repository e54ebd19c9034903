/**
 * The budget for the models (requirement E8) on the real LiteLLM: the cost of answers survives restarts of the container and
 * the pod, no model is called beyond the limit, and a request is not free if the client disconnects.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { PackInput } from "openclaw-pack";
import { IMAGES } from "../../src/tables/pins.ts";
import { until } from "../support/cluster/kubectl.ts";
import { tool } from "../support/tools.ts";
import type { Json } from "../support/support.ts";
import { type Anthropic, anthropic, type AnthropicOptions } from "../support/runtime/anthropic.ts";
import { STUB_ANSWER } from "../support/runtime/anthropic_stub.ts";
import { ends } from "../support/runtime/container.ts";
import { bearer, chat, PORT, textOfAnswer } from "../support/runtime/litellm_checks.ts";
import { network } from "../support/runtime/network.ts";
import { dataOf, overlay, withText } from "../support/runtime/objects.ts";
import { type Pod, startPod } from "../support/runtime/pod.ts";
import { type Answer, client } from "../support/runtime/raw_request.ts";
import { podRuntime, scratch } from "../support/runtime/scratch.ts";

const KEY = "sk-ant-fake-key-of-a-test";
const MODEL = "claude-sonnet-4-5-20250929";
/** USD for a token of {@linkcode MODEL}, from Anthropic's price list: 3 and 15 USD for a million. */
const PRICE = { input: 3e-6, output: 15e-6 };

const given = await tool("LiteLLM with a budget", async () => {
  await podRuntime(IMAGES.litellm, IMAGES.keyProxy);
  const trial = await overlay("kind");
  const secrets = trial.filter(({ kind }) => kind === "Secret");
  const proxy = dataOf(trial, "Secret", "litellm-credentials")["LITELLM_PROXY_KEY"] ?? "";
  return { proxy, prod: async (input: PackInput) => [...await overlay("prod", input), ...secrets] };
});
const { ignore } = given;

interface Given extends AsyncDisposable {
  readonly pod: Pod;
  readonly stub: Anthropic;
  readonly record: () => Promise<{ period_start: string; spent_usd: number }>;
}

/** Starts LiteLLM's pod on a volume for its record. */
async function start(
  volume: string,
  budget: NonNullable<PackInput["models"]>,
  options: AnthropicOptions & { readonly wait?: false; readonly change?: (objects: Json[]) => Json[] } = {},
): Promise<Given> {
  const stack = new AsyncDisposableStack();
  try {
    const { wait, change = (objects) => objects, ...stubbed } = options;
    const net = stack.use(await network());
    const stub = stack.use(await anthropic(net, stubbed));
    const pod = stack.use(
      await startPod({
        objects: change(await given.value?.prod({ models: budget }) ?? []),
        deployment: "litellm",
        network: net,
        claims: { "litellm-spend": volume },
        secrets: { "key-proxy-credentials": { ANTHROPIC_API_KEY: KEY } },
        files: stub.files,
        ...(wait === undefined ? {} : { wait }),
      }),
    );
    const record = async () => JSON.parse(await Deno.readTextFile(join(volume, "spend.json")));
    return { pod, stub, record, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Returns an answer of Anthropic with this usage. */
const answering = (input: number, output: number): NonNullable<AnthropicOptions["answer"]> => ({ model }) =>
  Response.json({
    ...{ id: "m", type: "message", role: "assistant", model, stop_reason: "end_turn" },
    content: [{ type: "text", text: "hello" }],
    usage: { input_tokens: input, output_tokens: output },
  });

const proxyKey = () => given.value?.proxy ?? "";
const say = (pod: Pod) => chat(pod, proxyKey(), MODEL);

/** Sends a request with tools, like a turn of the assistant. */
async function withTools(pod: Pod, stream = false): Promise<Answer> {
  await using http = client(pod.address, PORT);
  const tools = [{ type: "function", function: { name: "exec", parameters: { type: "object", properties: {} } } }];
  const body = JSON.stringify({ model: MODEL, stream, tools, messages: [{ role: "user", content: "say hi" }] });
  return await http.send({ method: "POST", path: "/v1/chat/completions", headers: bearer(proxyKey()), body });
}

/** Waits until the record has a sum. */
async function spends(record: Given["record"], usd: number): Promise<void> {
  await until(`${usd} USD on record`, async () => Math.abs((await record()).spent_usd - usd) < 1e-6);
}

const OVERLOADED = { type: "overloaded_error", message: "x" };

/** The assistant's answer at the limit. */
const USED_UP =
  /^The budget for the models is used up: \d+\.\d\d of \d+\.\d\d USD since \d\d \w+ \d{4}\. I can answer again from \d\d \w+ \d{4} \(UTC\), or once models\.budget is raised in pack\.yaml\.$/;

const NOW = new Date();
const monthStart = () => `${NOW.getUTCFullYear()}-${String(NOW.getUTCMonth() + 1).padStart(2, "0")}-01`;

Deno.test({
  name: "the cost of the models survives restarts, and stops at the budget",
  ignore,
  fn: async (t) => {
    await using volume = await scratch();
    // 0.3 USD each: the third request reaches the budget of 0.8.
    const answer = answering(50_000, 10_000);
    const each = 50_000 * PRICE.input + 10_000 * PRICE.output;
    const limits = { budget: { usd: 0.8 } };
    {
      await using given = await start(volume.path, limits, { answer });
      await t.step("the first request is recorded with Anthropic's price", async () => {
        assert.equal((await say(given.pod)).status, 200);
        await spends(given.record, each);
        assert.equal((await given.record()).period_start, monthStart());
      });
      await t.step("the sum survives a restart of the container", async () => {
        await given.pod.container("litellm").kill();
        await given.pod.restart("litellm");
        await until("LiteLLM is up again", () => given.pod.probe("litellm", "readinessProbe"));
        assert.equal((await say(given.pod)).status, 200);
        await spends(given.record, 2 * each);
      });
    }
    await using given = await start(volume.path, limits, { answer });
    await t.step("the sum survives a new pod", async () => {
      assert.equal((await say(given.pod)).status, 200);
      await spends(given.record, 3 * each);
    });
    await t.step("at the limit no model is called, and the answer is one sentence", async () => {
      const before = given.stub.requests.length;
      for (const stream of [false, true]) {
        const answer = await withTools(given.pod, stream);
        assert.equal(answer.status, 200);
        const text = textOfAnswer(answer);
        assert.match(text, USED_UP);
        assert.ok(text.includes("0.90 of 0.80 USD"), text);
      }
      // OpenClaw would keep an answer to this request as the summary of a conversation.
      const summary = await say(given.pod);
      assert.equal(summary.status, 400);
      assert.match(JSON.parse(summary.text).error.message, USED_UP);
      assert.equal(given.stub.requests.length, before);
      await spends(given.record, 3 * each);
    });
  },
});

Deno.test("the sum of an earlier period is reset; setting the clock back does not reset it", { ignore }, async () => {
  for (const [periodStart, isUsedUp] of [["2020-01-01", false], ["2999-01-01", true]] as const) {
    await using volume = await scratch();
    await Deno.writeTextFile(
      join(volume.path, "spend.json"),
      JSON.stringify({ period_start: periodStart, spent_usd: 1000 }),
    );
    await using given = await start(volume.path, { budget: { usd: 10 } });
    assert.equal(USED_UP.test(textOfAnswer(await withTools(given.pod))), isUsedUp, periodStart);
  }
});

Deno.test({
  name: "a request without an answer is not free",
  ignore,
  fn: async (t) => {
    await using volume = await scratch();
    const gate = Promise.withResolvers<void>();
    const hold: NonNullable<AnthropicOptions["answer"]> = async (request) => {
      if (request.body.includes("wait")) await gate.promise;
      return undefined;
    };
    await using given = await start(volume.path, { budget: { usd: 100 } }, { answer: hold });
    const ask = (message: string, signal: AbortSignal | null = null) =>
      given.pod.fetch(PORT, "/v1/chat/completions", {
        method: "POST",
        headers: { "content-type": "application/json", ...bearer(proxyKey()) },
        body: JSON.stringify({ model: MODEL, max_tokens: 1000, messages: [{ role: "user", content: message }] }),
        signal,
      });

    await t.step("its highest cost is recorded before the request is sent", async () => {
      const controller = new AbortController();
      const asked = ask("wait", controller.signal).catch(() => undefined);
      await until("the stub receives the request", async () => await Promise.resolve(given.stub.requests.length === 1));
      const { spent_usd } = await given.record();
      // 1000 output tokens at the price above 200,000 tokens of context, and a few input tokens.
      assert.ok(spent_usd >= 1000 * PRICE.output && spent_usd < 0.03, String(spent_usd));
      controller.abort();
      await asked;
    });
    await t.step("a crash keeps the reservation", async () => {
      const before = (await given.record()).spent_usd;
      await given.pod.container("litellm").kill();
      gate.resolve();
      await given.pod.restart("litellm");
      await until("LiteLLM is up again", () => given.pod.probe("litellm", "readinessProbe"));
      assert.equal((await given.record()).spent_usd, before);
    });
    await t.step("an error from Anthropic releases the reservation", async () => {
      const before = (await given.record()).spent_usd;
      await using refusing = await start(volume.path, { budget: { usd: 100 } }, {
        answer: () => Response.json({ type: "error", error: OVERLOADED }, { status: 529 }),
      });
      assert.notEqual((await say(refusing.pod)).status, 200);
      assert.equal(refusing.stub.requests.length, 1, "OpenClaw retries, not LiteLLM");
      await spends(refusing.record, before);
    });
  },
});

/** Returns a stub that waits before it answers, and a function that releases it. */
function held() {
  const gate = Promise.withResolvers<void>();
  const answer: NonNullable<AnthropicOptions["answer"]> = async () => {
    await gate.promise;
    return undefined;
  };
  return { answer, release: gate.resolve };
}

/** Waits until the stub has received this many requests. */
async function asked({ stub }: Given, times: number): Promise<void> {
  await until(`request ${times} at the stub`, () => Promise.resolve(stub.requests.length >= times));
}

const ID = "11111111-2222-3333-4444-555555555555";

Deno.test("a refused request cannot release another request's reservation, even with its ID", { ignore }, async () => {
  await using volume = await scratch();
  const { answer, release } = held();
  // An allow-list that allows a call ID, so that this test can choose it.
  const change = (objects: Json[]) =>
    withText(objects, "custom_auth.py", "if refused is not None:", 'if refused is not None and "api_base" in body:');
  await using given = await start(volume.path, { budget: { usd: 100 } }, { answer, change });
  await using http = client(given.pod.address, PORT);
  // LiteLLM reads a call's ID from a header, or from the body of a refused request.
  const send = async (fields: Record<string, unknown>) => {
    const body = JSON.stringify({
      model: MODEL,
      messages: [{ role: "user", content: "x" }],
      litellm_call_id: ID,
      ...fields,
    });
    const headers = { ...bearer(proxyKey()), "x-litellm-call-id": ID };
    return await http.send({ method: "POST", path: "/v1/chat/completions", headers, body });
  };
  const first = send({});
  await asked(given, 1);
  const before = (await given.record()).spent_usd;
  const second = await send({ api_base: "http://x" });
  const after = (await given.record()).spent_usd;
  release();
  assert.equal((await first).status, 200);
  assert.equal(second.status, 403);
  assert.ok(before > 0.9, String(before));
  assert.equal(after, before);
});

Deno.test("parallel requests do not exceed the limit together", { ignore }, async () => {
  await using volume = await scratch();
  const record = JSON.stringify({ period_start: monthStart(), spent_usd: 98 });
  await Deno.writeTextFile(join(volume.path, "spend.json"), record);
  const { answer, release } = held();
  await using given = await start(volume.path, { budget: { usd: 100 } }, { answer });
  // At most 1.44 USD each.
  const all = Array.from({ length: 20 }, () => withTools(given.pod));
  await asked(given, 2);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  assert.equal(given.stub.requests.length, 2);
  release();
  const statuses = (await Promise.all(all)).map(({ status }) => status).toSorted((a, b) => a - b);
  assert.deepEqual(statuses, [200, 200, ...Array.from({ length: 18 }, () => 429)]);
});

Deno.test(
  "while requests in progress may use up the rest, others are refused without the answer at the limit",
  { ignore },
  async () => {
    await using volume = await scratch();
    const { answer, release } = held();
    // Less than the highest cost of one answer with the model's 64,000 tokens.
    await using given = await start(volume.path, { budget: { usd: 0.5 } }, { answer });
    const first = withTools(given.pod);
    await asked(given, 1);
    const second = await withTools(given.pod);
    assert.equal(second.status, 429, second.text);
    assert.match(JSON.parse(second.text).error.message, /requests that are under way/);
    release();
    assert.equal((await first).status, 200);
    await until("the first is settled", async () => (await given.record()).spent_usd < 0.1);
    assert.equal(textOfAnswer(await withTools(given.pod)), STUB_ANSWER);
  },
);

/** Records and models that prevent LiteLLM's start, with the line that says why. */
const BAD: readonly (readonly [
  what: string,
  record: string | undefined,
  models: NonNullable<PackInput["models"]>,
  line: RegExp,
])[] = [
  [
    "a record that is not JSON",
    "{",
    {},
    /budget: \/var\/lib\/litellm\/spend\.json cannot be read; fix it, or delete it/,
  ],
  ["a record without its sum", '{"period_start":"2026-01-01"}', {}, /cannot be read/],
  ["a sum that is not a number", '{"period_start":"2026-01-01","spent_usd":NaN}', {}, /cannot be read/],
  ["a sum below zero", '{"period_start":"2026-01-01","spent_usd":-1000}', {}, /cannot be read/],
  [
    "a model without a price",
    undefined,
    { list: [{ id: "claude-of-tomorrow", name: "Tomorrow", alias: "tomorrow" }] },
    /budget: LiteLLM knows no price of claude-of-tomorrow.*write models\.list\[\]\.price in pack\.yaml/,
  ],
];

Deno.test("LiteLLM does not start if the budget cannot be enforced", { ignore }, async () => {
  await Promise.all(BAD.map(async ([what, record, models, line]) => {
    await using volume = await scratch();
    if (record !== undefined) await Deno.writeTextFile(join(volume.path, "spend.json"), record);
    await using given = await start(volume.path, models, { wait: false });
    assert.notEqual(await ends(given.pod.container("litellm")), 0, what);
    assert.match(await given.pod.logs("litellm"), line, what);
  }));
});

Deno.test(
  "a request without max_tokens is given the model's, and one with max_tokens keeps it",
  { ignore },
  async () => {
    await using volume = await scratch();
    await using given = await start(volume.path, {});
    await using http = client(given.pod.address, PORT);
    const asked = async (fields: Record<string, unknown>) => {
      const body = JSON.stringify({ messages: [{ role: "user", content: "say hi" }], ...fields });
      const request = { method: "POST", path: "/v1/chat/completions", headers: bearer(proxyKey()), body };
      assert.equal((await http.send(request)).status, 200);
      return JSON.parse(given.stub.requests.at(-1)?.body ?? "{}").max_tokens;
    };
    // The default of pack.yaml; the model itself allows 128,000.
    assert.equal(await asked({ model: "claude-opus-4-6" }), 32_000);
    assert.equal(await asked({ model: "claude-opus-4-6", max_tokens: 100 }), 100);
    assert.equal(await asked({ model: MODEL, max_completion_tokens: 200 }), 200);
  },
);

Deno.test("a price in pack.yaml is used", { ignore }, async () => {
  await using volume = await scratch();
  const id = "claude-of-tomorrow";
  const list = [{ id, name: "Tomorrow", alias: "tomorrow", price: { input: 10, output: 100 } }];
  await using given = await start(volume.path, { list }, { answer: answering(1000, 1000) });
  assert.equal((await chat(given.pod, proxyKey(), id)).status, 200);
  await spends(given.record, 0.11);
});

Deno.test("a request that cannot be recorded is not sent", { ignore }, async () => {
  await using volume = await scratch();
  await using given = await start(volume.path, { budget: { usd: 100 } });
  const { stdout, stderr } = await given.pod.exec("litellm", ["sh", "-c", "mkdir /var/lib/litellm/spend.part"]);
  assert.equal(stderr, "", stdout);
  const answer = await say(given.pod);
  assert.notEqual(answer.status, 200, answer.text);
  assert.deepEqual(given.stub.requests, []);
});
