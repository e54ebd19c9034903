/**
 * Which clients the generated gateway accepts with `gateway.auth: token` (requirement B4): over HTTP, over WebSocket, and with
 * a browser.
 *
 * @module
 */

import assert from "node:assert/strict";
import { IMAGES } from "../../src/tables/pins.ts";
import { tool } from "../support/tools.ts";
import { ends } from "../support/runtime/container.ts";
import { cli, pairAll } from "../support/runtime/gateway_cli.ts";
import { browser, connect, invoke } from "../support/runtime/gateway_client.ts";
import { startWithoutDocker } from "../support/runtime/gateway_without_docker.ts";
import { configJson, dataOf, overlay, withJson } from "../support/runtime/objects.ts";
import type { Pod } from "../support/runtime/pod.ts";
import { podRuntime } from "../support/runtime/scratch.ts";

const CONFIG = "openclaw.json";
const SECRET = "openclaw-credentials";
const WRONG = "fake-token-that-is-not-the-one";

const given = await tool("the gateway's token", async () => {
  await podRuntime(IMAGES.openclaw);
  const objects = await overlay("kind");
  const token = dataOf(objects, "Secret", SECRET).OPENCLAW_GATEWAY_TOKEN ?? "";
  const { auth: { rateLimit }, controlUi: { allowedOrigins: [origin] } } = configJson(objects, CONFIG).gateway;
  return { objects, token, origin: origin as string, maxAttempts: rateLimit.maxAttempts as number };
});
const { ignore } = given;
const { objects, token, origin, maxAttempts } = given.value ?? {};

Deno.test({
  name: "the gateway accepts only the token, and only a paired browser",
  ignore,
  fn: async (t) => {
    await using pod = await startWithoutDocker({ objects });

    await t.step("no token, a wrong token, the right token", async () => assert.deepEqual(await entered(pod), ENTERED));

    await t.step("a client that sends forwarding headers is refused unless it is a trusted proxy", async () => {
      const headers = { "x-forwarded-for": "203.0.113.7" };
      assert.equal(await invoke(pod.address, { token, headers }), 403);
      assert.equal(await connect(pod.address, { token, headers }), "403");
    });

    await t.step("a browser needs the right origin, and is paired by a command in the pod", async () => {
      assert.equal(await fromElsewhere(pod, token), "CONTROL_UI_ORIGIN_NOT_ALLOWED");
      const mine = await browser(origin);
      assert.equal(await connect(pod.address, { token: WRONG, browser: mine }), "AUTH_TOKEN_MISMATCH");
      assert.equal(await connect(pod.address, { token, browser: mine }), "PAIRING_REQUIRED");
      await pairAll(pod);
      assert.equal(await connect(pod.address, { token, browser: mine }), "ok");
      assert.equal(await connect(pod.address, { token, browser: await browser(origin) }), "PAIRING_REQUIRED");
    });

    await t.step("only a client with too many attempts is locked out", async () => {
      assert.deepEqual(await guessed(pod, token), { http: 429, socket: "AUTH_RATE_LIMITED" });
      assert.equal((await cli(pod, ["gateway", "call", "status"])).code, 0);
    });

    await t.step("no log contains the token", async () => assert.ok(!(await pod.logs("openclaw")).includes(token)));
  },
});

Deno.test({
  name: "control: the checks fail if the token is known, every origin is allowed and attempts are unlimited",
  ignore,
  fn: async () => {
    await using pod = await startWithoutDocker({
      secrets: { [SECRET]: { OPENCLAW_GATEWAY_TOKEN: WRONG } },
      objects: withJson(objects, CONFIG, ({ gateway }) => {
        gateway.auth.rateLimit.maxAttempts = 1000;
        gateway.controlUi.allowedOrigins = ["*"];
      }),
    });
    assert.notDeepEqual(await entered(pod), ENTERED);
    assert.equal(await fromElsewhere(pod, WRONG), "PAIRING_REQUIRED");
    assert.deepEqual(await guessed(pod, WRONG), { http: 200, socket: "ok" });
  },
});

Deno.test({
  name: "the gateway does not start without auth",
  ignore,
  fn: async () => {
    const broken = withJson(objects, CONFIG, ({ gateway }) => gateway.auth = { mode: "none" });
    await using pod = await startWithoutDocker({ objects: broken, wait: false });
    assert.notEqual(await ends(pod.container("openclaw")), 0);
    assert.match(await pod.logs("openclaw"), /Refusing to bind gateway to lan without auth/);
  },
});

/** Returns the results over HTTP and WebSocket. */
const ENTERED = {
  none: [401, "DEVICE_IDENTITY_REQUIRED"],
  wrong: [401, "AUTH_TOKEN_MISMATCH"],
  right: [200, "ok"],
};

async function entered({ address }: Pod) {
  const both = async (client: { token?: string }) => [await invoke(address, client), await connect(address, client)];
  return { none: await both({}), wrong: await both({ token: WRONG }), right: await both({ token }) };
}

async function fromElsewhere({ address }: Pod, token: string): Promise<string> {
  return await connect(address, { token, browser: await browser("https://elsewhere.example.com") });
}

/** Returns the result for the right token after too many wrong ones. */
async function guessed({ address }: Pod, token: string) {
  for (let attempt = 0; attempt < maxAttempts; attempt++) await invoke(address, { token: "fake-guess" });
  return { http: await invoke(address, { token }), socket: await connect(address, { token }) };
}
