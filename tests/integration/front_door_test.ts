/**
 * The front door of LiteLLM's pod (requirement E10): what a client without the key can do to LiteLLM, which reads a body before
 * it checks the key, and what a client with the key can do to the log.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { IMAGES } from "../../src/tables/pins.ts";
import { until } from "../support/cluster/kubectl.ts";
import { tool } from "../support/tools.ts";
import { bearer, chat, exposed, INNER_PORT, PORT } from "../support/runtime/litellm_checks.ts";
import { dataOf, overlay } from "../support/runtime/objects.ts";
import { type Pod, startPod } from "../support/runtime/pod.ts";
import { client } from "../support/runtime/raw_request.ts";
import { podRuntime } from "../support/runtime/scratch.ts";

const MODEL = "claude-sonnet-4-5-20250929";
const CHAT = "/v1/chat/completions";
const MEBIBYTE = 2 ** 20;
/** The kubelet's probes. */
const PROBES_PORT = 4002;

const given = await tool("LiteLLM's front door", async () => {
  await podRuntime(IMAGES.litellm, IMAGES.keyProxy);
  const objects = await overlay("kind");
  return { objects, proxy: dataOf(objects, "Secret", "litellm-credentials")["LITELLM_PROXY_KEY"] ?? "" };
});
const { ignore } = given;
const { objects = [], proxy = "" } = given.value ?? {};

/** A body of 30 MB that is parsed into ten million dictionaries. */
const bomb = () => `{"model":"${MODEL}","messages":[${"{},".repeat(10_000_000)}{}]}`;

Deno.test({
  name: "the front door protects LiteLLM",
  ignore,
  fn: async (t) => {
    await using pod = await startPod({ objects, deployment: "litellm" });
    assert.equal((await chat(pod, proxy, MODEL)).status, 200);
    const before = (await pod.memory("litellm")).rss;
    const unharmed = async () => {
      const { rss } = await pod.memory("litellm");
      assert.ok(rss - before < 50 * MEBIBYTE, `${(rss - before) / MEBIBYTE} MiB more`);
      assert.ok(await pod.probe("litellm", "livenessProbe"));
      assert.equal((await chat(pod, proxy, MODEL)).status, 200);
    };

    await t.step("a body that would exhaust its memory is refused without the key", async () => {
      const body = bomb();
      for (const key of [undefined, `${proxy}x`]) assert.equal((await post(pod, body, bearer(key))).status, 401);
      await unharmed();
    });

    await t.step("a body without a length, or one that is too large, is refused with the key", async () => {
      const asked = (line: string, ...rest: readonly string[]) =>
        raw(pod, [`${line} HTTP/1.1`, "host: x", `authorization: Bearer ${proxy}`, ...rest]);
      const chunked = ["transfer-encoding: chunked", "", "2", "{}", "0", "", ""];
      assert.match(
        await asked(`POST ${CHAT}`, ...chunked),
        /^HTTP\/1\.1 411 .*Send the body with its Content-Length, not in chunks/s,
      );
      assert.match(await asked("GET /v1/models", ...chunked), /^HTTP\/1\.1 411 /);
      assert.match(
        await asked("GET /v1/models", "content-length: 2", "", "{}"),
        /^HTTP\/1\.1 400 .*A GET request must not have a body/s,
      );
      const large = await asked(`POST ${CHAT}`, `content-length: ${32 * MEBIBYTE + 1}`, "", "");
      assert.match(large, /^HTTP\/1\.1 413 .*The request is larger than 32 MiB/s);
      const twice = await asked(`POST ${CHAT}`, "authorization: Bearer other", "content-length: 2", "", "{}");
      assert.match(twice, /^HTTP\/1\.1 401 /);
      await unharmed();
    });

    await t.step("HTTP/2, whose connections hold a hundred requests each, is refused", async () => {
      for (const port of [PORT, PROBES_PORT]) {
        const text = await raw(pod, ["PRI * HTTP/2.0", "", "SM", "", ""], port);
        assert.match(text, /^HTTP\/1\.1 400 /, String(port));
      }
    });

    await t.step("a client that sends headers slowly is disconnected after 5 seconds", async () => {
      const began = Date.now();
      const text = await raw(pod, [`POST ${CHAT} HTTP/1.1`, "host: x"]);
      assert.match(text, /^HTTP\/1\.1 408 /);
      assert.ok(Date.now() - began < 15_000);
    });

    await t.step("1800 idle connections do not block other clients", async () => {
      const sockets = await Promise.all(Array.from({ length: 1800 }, () => open(pod)));
      try {
        await unharmed();
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    });

    await t.step("refused requests cannot flood or forge its log", async () => {
      const logged = async () => (await pod.logs("key-proxy")).length + (await pod.logs("litellm")).length;
      const start = await logged();
      await using http = client(pod.address, PORT);
      const path = "/v1/models\u2028%0aforged%0d%0a?x=%0aforged";
      const refused = async (count: number, headers: Record<string, string>) => {
        for (let index = 0; index < count; index++) await http.send({ method: "GET", path: encodeURI(path), headers });
      };
      await Promise.all(Array.from({ length: 8 }, () => refused(100, { "x-forged": "forged" })));
      await Promise.all(Array.from({ length: 8 }, () => refused(50, { ...bearer(proxy), "user-agent": "forged" })));
      for (let index = 0; index < 200; index++) await raw(pod, ["NONSENSE forged", "", ""]);
      const bytes = await logged() - start;
      console.error(`1400 refused requests: ${bytes} bytes of log`);
      assert.ok(bytes < 5000, String(bytes));
      const log = await pod.logs("key-proxy") + await pod.logs("litellm");
      assert.ok(!log.includes("forged"));
      assert.match(log, /^front door: 401 wrong key, from 10\./m);
    });
  },
});

Deno.test("requests with the key are limited per minute, and the answer names the setting", { ignore }, async () => {
  const few = await overlay("kind", { models: { requestsPerMinute: 5 } });
  await using pod = await startPod({ objects: few, deployment: "litellm" });
  const statuses: number[] = [];
  for (let request = 0; request < 7; request++) statuses.push((await chat(pod, proxy, MODEL)).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
  const { text } = await chat(pod, proxy, MODEL);
  assert.match(JSON.parse(text).error.message, /5 requests per minute \(models\.requestsPerMinute in pack\.yaml\)/);
  // Requests without the key do not count towards the gateway's limit.
  assert.equal((await chat(pod, `${proxy}x`, MODEL)).status, 401);
  assert.ok(await pod.probe("litellm", "readinessProbe"));
});

Deno.test("control: without the front door, this body kills LiteLLM, with or without the key", { ignore }, async () => {
  await using pod = await startPod({ objects: exposed(objects), deployment: "litellm" });
  await post(pod, bomb(), {}, INNER_PORT).catch(() => undefined);
  await until("LiteLLM is killed for memory", () => Promise.resolve(pod.container("litellm").exitCode() === 137));
});

async function post(pod: Pod, body: string, headers: Record<string, string>, port = PORT) {
  const answer = await pod.fetch(port, CHAT, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return { status: answer.status, text: await answer.text() };
}

/** Opens a connection that sends nothing. */
function open(pod: Pod, port = PORT): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, pod.address, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Sends raw lines and returns the response. */
async function raw(pod: Pod, lines: readonly string[], port = PORT): Promise<string> {
  const socket = await open(pod, port);
  socket.on("error", () => undefined);
  socket.write(lines.join("\r\n"));
  let text = "";
  socket.on("data", (part) => {
    text += part.toString();
    // The first data is the response.
    socket.end();
  });
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}
