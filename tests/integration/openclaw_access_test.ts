/**
 * Which requests the generated gateway accepts with `gateway.auth: cloudflare-access` (requirement B4). OpenClaw checks the
 * source address and the headers of a request, but not the signature of Access's JWT (docs/gateway/cloudflare-access.md of the
 * package). It trusts every client at a trusted address. The NetworkPolicy, which is not part of these tests, allows only
 * cloudflared.
 *
 * @module
 */

import assert from "node:assert/strict";
import { IMAGES } from "../../src/tables/pins.ts";
import { tool } from "../support/tools.ts";
import type { Json } from "../support/support.ts";
import { cli, pairAll } from "../support/runtime/gateway_cli.ts";
import { browser, connect, invoke } from "../support/runtime/gateway_client.ts";
import { startWithoutDocker } from "../support/runtime/gateway_without_docker.ts";
import { type Network, network } from "../support/runtime/network.ts";
import { configJson, dataOf, overlay, withContainer, withJson } from "../support/runtime/objects.ts";
import type { Pod } from "../support/runtime/pod.ts";
import { podRuntime } from "../support/runtime/scratch.ts";

const CONFIG = "openclaw.json";
const OWNER = "owner@example.com";
const USER = "cf-access-authenticated-user-email";
const JWT = "cf-access-jwt-assertion";
/** Headers as Cloudflare's tunnel sends them, with a fake JWT. */
const HEADERS = { "x-forwarded-for": "203.0.113.7", [USER]: OWNER, [JWT]: "fake-jwt" };

const given = await tool("the gateway behind Cloudflare Access", () => podRuntime(IMAGES.openclaw));
const { ignore } = given;

/** Starts the trial with this auth, in the test's own network; this process replaces cloudflared. */
async function objectsFor({ host }: Network): Promise<Json[]> {
  return await overlay("kind", {
    gateway: { auth: "cloudflare-access", accessUsers: [OWNER] },
    cluster: { podCidrs: [host.replace(/\d+$/, "0/24")] },
  });
}

const originOf = (objects: readonly Json[]): string => configJson(objects, CONFIG).gateway.controlUi.allowedOrigins[0];

Deno.test({
  name: "the gateway accepts only Cloudflare's headers, from cloudflared's address and for a listed user",
  ignore,
  fn: async (t) => {
    await using net = await network();
    const objects = await objectsFor(net);
    const { OPENCLAW_GATEWAY_TOKEN: password = "" } = dataOf(objects, "Secret", "openclaw-credentials");
    const origin = originOf(objects);
    await using pod = await startWithoutDocker({ objects, network: net });

    await t.step("every other request is refused", async () => assert.deepEqual(await entered(pod, origin), ENTERED));

    await t.step("requests from inside the pod are refused too, from its own address and loopback", async () => {
      assert.deepEqual(await fromInside(pod), [401, 403]);
    });

    await t.step("the password of the clients in the pod is refused from outside", async () => {
      assert.equal(await invoke(pod.address, { token: password }), 403);
      const headers = { "x-forwarded-for": HEADERS["x-forwarded-for"] };
      assert.equal(await invoke(pod.address, { token: password, headers }), 401);
    });

    await t.step("OpenClaw's own commands work in the pod, and pair a browser", async () => {
      const mine = await browser(origin);
      assert.equal(await connect(pod.address, { headers: HEADERS, browser: mine }), "PAIRING_REQUIRED");
      await pairAll(pod);
      assert.equal(await connect(pod.address, { headers: HEADERS, browser: mine }), "ok");
    });

    await t.step("its probes pass", async () => {
      for (const kind of ["startupProbe", "readinessProbe", "livenessProbe"] as const) {
        assert.ok(await pod.probe("openclaw", kind), kind);
      }
    });
  },
});

Deno.test({
  name: "control: the checks fail if headers and users are not required, and the password is missing",
  ignore,
  fn: async () => {
    await using net = await network();
    const lax = withJson(await objectsFor(net), CONFIG, ({ gateway }) => {
      gateway.auth.trustedProxy = { userHeader: USER };
    });
    const objects = withContainer(lax, "openclaw", "openclaw", (container) => {
      container.env = container.env.filter(({ name }: Json) => name !== "OPENCLAW_GATEWAY_PASSWORD");
    });
    await using pod = await startWithoutDocker({ objects, network: net });
    const { "no JWT": jwt, "an empty JWT": empty, "another user": user, ...others } = await entered(pod, originOf(lax));
    assert.deepEqual([jwt, empty, user], [OPEN, OPEN, OPEN].map(([_, socket]) => [500, socket]));
    assert.notDeepEqual(others, ENTERED);
    assert.notEqual((await cli(pod, ["devices", "list"])).code, 0);
  },
});

Deno.test({
  name: "the right headers are refused from an address outside the pods' network",
  ignore,
  fn: async () => {
    await using net = await network();
    const objects = withJson(
      await objectsFor(net),
      CONFIG,
      ({ gateway }) => gateway.trustedProxies = ["10.244.0.0/16"],
    );
    await using pod = await startWithoutDocker({ objects, network: net });
    const client = { headers: HEADERS };
    assert.deepEqual([await invoke(pod.address, client), await connect(pod.address, client)], [403, "403"]);
  },
});

/** Accepted; a browser must then be paired. */
const OPEN = [200, "PAIRING_REQUIRED"] as const;

/** Results over HTTP, and over WebSocket as a new browser. */
const ENTERED = {
  "the right headers": OPEN,
  "no headers": [403, "403"],
  "no forwarded address": [403, "403"],
  "no JWT": [401, "AUTH_IDENTITY_HEADER_REQUIRED"],
  "an empty JWT": [401, "AUTH_IDENTITY_HEADER_REQUIRED"],
  "no user": [401, "AUTH_UNAUTHORIZED"],
  "another user": [401, "AUTH_UNAUTHORIZED"],
};

async function entered({ address }: Pod, origin: string) {
  const { "x-forwarded-for": _, ...direct } = HEADERS;
  const { [JWT]: __, ...withoutJwt } = HEADERS;
  const { [USER]: ___, ...withoutUser } = HEADERS;
  const requests: Record<string, Record<string, string>> = {
    "the right headers": HEADERS,
    "no headers": {},
    "no forwarded address": direct,
    "no JWT": withoutJwt,
    "an empty JWT": { ...HEADERS, [JWT]: " " },
    "no user": withoutUser,
    "another user": { ...HEADERS, [USER]: "mallory@example.com" },
  };
  const found: Record<string, readonly (number | string)[]> = {};
  for (const [name, headers] of Object.entries(requests)) {
    found[name] = [
      await invoke(address, { headers }),
      await connect(address, { headers, browser: await browser(origin) }),
    ];
  }
  return found;
}

/** Returns the statuses for the right headers, sent from the gateway's container. */
async function fromInside(pod: Pod): Promise<number[]> {
  const urls = [pod.address, "127.0.0.1"].map((host) => `http://${host}:18789/tools/invoke`);
  const program = `const init = { method: "POST", headers: ${
    JSON.stringify({ ...HEADERS, "content-type": "application/json" })
  },
    body: '{"tool":"sessions_list"}' };
    Promise.all(${
    JSON.stringify(urls)
  }.map(async (url) => (await fetch(url, init)).status)).then((all) => console.log(JSON.stringify(all)));`;
  const { stdout, stderr } = await pod.exec("openclaw", ["node", "-e", program]);
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}
