/**
 * Runs the generated LiteLLM Deployment: two keys, the models, its requirements and restrictions (requirements B6, B7).
 *
 * @module
 */

import assert from "node:assert/strict";
import { IMAGES } from "../../src/tables/pins.ts";
import { until } from "../support/cluster/kubectl.ts";
import { tool } from "../support/tools.ts";
import type { Json } from "../support/support.ts";
import { anthropic, ANTHROPIC_HOST } from "../support/runtime/anthropic.ts";
import { STUB_ANSWER } from "../support/runtime/anthropic_stub.ts";
import { ends } from "../support/runtime/container.ts";
import {
  answered,
  bearer,
  chat,
  countOutgoing,
  exposed,
  INNER_PORT,
  outgoing,
} from "../support/runtime/litellm_checks.ts";
import { PORT, reached, type Statuses, sweep } from "../support/runtime/litellm_checks.ts";
import { textOfAnswer, TRICKED } from "../support/runtime/litellm_checks.ts";
import { type Operation, operationsOf } from "../support/runtime/litellm_routes.ts";
import { network } from "../support/runtime/network.ts";
import { dataOf, overlay, withContainer, withText } from "../support/runtime/objects.ts";
import { type Pod, startPod } from "../support/runtime/pod.ts";
import { client } from "../support/runtime/raw_request.ts";
import { podRuntime } from "../support/runtime/scratch.ts";
import { placesOf } from "../support/runtime/secret_search.ts";

const SECRET = "litellm-credentials";
const KEY_PROXY_SECRET = "key-proxy-credentials";
const MODELS = ["claude-sonnet-4-5-20250929", "claude-opus-4-6"] as const;

/** Requests that LiteLLM answers without a key. The front door blocks all of them, and none reveals a secret. */
const OPEN = [
  /^(GET|HEAD|OPTIONS) \/health\/(liveliness|liveness|readiness)$/,
  // Pages and their images.
  /^(GET|HEAD) \/(fallback\/login|get_favicon|get_image|get_logo_url|get\/ui_theme_settings|mcp\/(docs|redoc|openapi).*)$/,
  // Lists that are the same in every LiteLLM; without a database its own lists are empty.
  /^GET \/public\//,
  // Login pages without effect, because SSO is not configured.
  /^(GET|POST) \/sso\//,
  /^GET \/(litellm\/|x\/)?\.well-known\//,
  /^GET \/v1\/mcp\/oauth\/protected-resource$/,
  /^GET \/mcp\/enabled$/,
  /^POST \/(x\/)?register$/,
  /^POST \/api\/event_logging\/batch$/,
];

const given = await tool("LiteLLM in a pod", async () => {
  await podRuntime(IMAGES.litellm, IMAGES.keyProxy);
  const objects = await overlay("kind");
  // In production External Secrets creates them.
  const secrets = objects.filter(({ kind }) => kind === "Secret");
  const prod = [...await overlay("prod"), ...secrets];
  return { objects, prod, operations: await operationsOf(objects), keys: dataOf(objects, "Secret", SECRET) };
});
const { ignore } = given;
const { objects, prod, operations, keys } = given.value ?? {};
const master = keys?.["LITELLM_MASTER_KEY"] ?? "";
const proxy = keys?.["LITELLM_PROXY_KEY"] ?? "";

Deno.test({
  name: "LiteLLM as the trial runs it",
  ignore,
  fn: async (t) => {
    const began = Date.now();
    await using pod = await startPod({ objects, deployment: "litellm", before: { litellm: countOutgoing } });
    console.error(`LiteLLM ready after ${Date.now() - began} ms`);

    await t.step("LiteLLM opens no connections on its own", async () => assert.equal(await outgoing(pod), 0));

    await t.step("it can write only to its /tmp and its spend record", async () => {
      assert.deepEqual(await rights(pod), RIGHTS);
    });

    await t.step("its probes pass without a key", async () => {
      for (const kind of ["startupProbe", "readinessProbe", "livenessProbe"] as const) {
        assert.ok(await pod.probe("litellm", kind), kind);
      }
      assert.ok(await pod.probe("key-proxy", "livenessProbe"));
    });

    await t.step("the models answer with the proxy key, with and without streaming", async () => {
      for (const model of MODELS) {
        for (const stream of [false, true]) {
          const answer = await chat(pod, proxy, model, stream);
          assert.equal(answer.status, 200, answer.text);
          assert.match(textOfAnswer(answer), /^This is the mock/);
        }
      }
      assert.deepEqual(await modelsOf(pod, proxy), MODELS);
    });

    await t.step(
      "the front door allows only the proxy key, to GET the lists of models and POST what the allow-list accepts",
      async () => {
        assert.ok(operations.length > 1000, String(operations.length));
        for (const key of [undefined, "", master, `${proxy}x`, proxy.slice(0, -1)]) {
          const statuses = await sweep(pod, [...operations, ...TRICKED], key);
          // HAProxy itself answers 400 to a path that is a URL with another host.
          assert.deepEqual([...statuses].filter(([, status]) => status !== 401 && status !== 400), [], key);
        }
        const own = await sweep(pod, [...operations, ...TRICKED], proxy);
        const open = [...own].filter(([, status]) => status !== 403 && status !== 400).map(([operation]) => operation);
        assert.deepEqual(open.toSorted(), ["GET /models", "GET /v1/models"]);
        // Requests to the other two routes reached the front door's check of the body, or the allow-list.
        const body = JSON.stringify({ model: MODELS[0], messages: [], unknown: 1 });
        for (const path of ["/chat/completions", "/v1/chat/completions", "/completions"]) {
          await using http = client(pod.address, PORT);
          const { text } = await http.send({ method: "POST", path, headers: bearer(proxy), body });
          assert.match(text, path === "/completions" ? /may not use this route/ : /may not send/, path);
        }
      },
    );

    await t.step("its log contains no key, and it exits cleanly on SIGTERM", async () => {
      assert.deepEqual(await pod.stop(), { litellm: 0, "key-proxy": 0 });
      for (const name of ["litellm", "key-proxy"]) {
        const log = await pod.logs(name);
        for (const value of Object.values(keys)) assert.ok(!log.includes(value), name);
      }
    });
  },
});

Deno.test({
  name: "LiteLLM itself, without the front door",
  ignore,
  fn: async (t) => {
    const input = { models: { requestsPerMinute: 10_000 } };
    await using pod = await startPod({ objects: exposed(await overlay("kind", input)), deployment: "litellm" });
    const anonymous = await sweep(pod, [...operations, ...TRICKED], undefined, INNER_PORT);
    // Routes that a key seems to reach are requested again with both, because a busy machine may have been too slow for one
    // response.
    const reachedAgain = async (asked: readonly Operation[], found: Statuses, key: string) => {
      const seemed = reached(found, anonymous);
      const again = asked.filter(({ method, path }) => seemed.includes(`${method} ${path}`));
      const withNone = await sweep(pod, again, undefined, INNER_PORT);
      return reached(await sweep(pod, again, key, INNER_PORT), withNone);
    };

    await t.step("the proxy key may only use models, on every existing route", async () => {
      const found = await sweep(pod, operations, proxy, INNER_PORT);
      assert.deepEqual(await reachedAgain(operations, found, proxy), []);
      assert.equal(found.get("GET /v1/models"), 200);
    });

    await t.step("an equivalent path does not allow more", async () => {
      assert.deepEqual(await reachedAgain(TRICKED, await sweep(pod, TRICKED, proxy, INNER_PORT), proxy), []);
    });

    await t.step("a wrong key is treated like no key", async () => {
      const wrong = `${proxy}x`;
      assert.deepEqual(await reachedAgain(operations, await sweep(pod, operations, wrong, INNER_PORT), wrong), []);
    });

    await t.step("the master key administers", async () => {
      const paths = ["/model/info", "/v1/models", "/get/config/callbacks"].map((path) => ({ method: "GET", path }));
      assert.deepEqual(answered(await sweep(pod, paths, master, INNER_PORT)).length, paths.length);
    });

    await t.step("the routes without a key are the known ones", () => {
      assert.deepEqual(answered(anonymous).filter((operation) => !OPEN.some((known) => known.test(operation))), []);
    });

    await t.step("200 requests fit into its memory", async () => {
      for (let request = 0; request < 200; request++) {
        assert.equal((await chat(pod, proxy, MODELS[request % 2] ?? "", request % 4 < 2)).status, 200);
      }
      for (const [name, wanted] of [["litellm", 2 ** 30], ["key-proxy", 2 ** 27]] as const) {
        const { limit, peak, rss } = await pod.memory(name);
        console.error(`${name}, memory in MiB: limit ${limit >> 20}, peak ${peak >> 20}, rss ${rss >> 20}`);
        assert.equal(limit, wanted);
        assert.ok(peak < 0.75 * limit);
      }
    });
  },
});

for (const [where, objects] of [["production", prod], ["the trial", given.value?.objects]] as const) {
  Deno.test(
    `with an Anthropic key in ${where}, only Anthropic receives it`,
    { ignore },
    async () => {
      const secret = "sk-ant-fake-key-of-a-test";
      await using net = await network();
      await using stub = await anthropic(net);
      await using pod = await startPod({
        objects,
        deployment: "litellm",
        network: net,
        secrets: { [KEY_PROXY_SECRET]: { ANTHROPIC_API_KEY: secret } },
        files: stub.files,
      });
      for (const stream of [false, true]) {
        const answer = await chat(pod, proxy, MODELS[0], stream);
        assert.equal(textOfAnswer(answer), STUB_ANSWER, answer.text);
        assert.ok(!answer.text.includes(secret));
      }
      assert.deepEqual(
        stub.requests.map(({ path, key, model, stream }) => ({ path, key, model, stream })),
        [false, true].map((stream) => ({ path: "/v1/messages", key: secret, model: MODELS[0], stream })),
      );
      // In /proc it appears only for the key proxy's own processes, including the search.
      const places = (await placesOf(pod, secret)).filter((place) => !/^\/proc\/\d+\/environ$/.test(place));
      assert.deepEqual(places, ["env key-proxy"]);
      const { stdout } = await pod.exec("litellm", ["sh", "-c", "cat /proc/[0-9]*/environ"]);
      assert.ok(stdout.includes("LITELLM_PROXY_KEY") && !stdout.includes(secret));
      assert.deepEqual([...new Set(stub.dns.asked)], [ANTHROPIC_HOST]);
    },
  );
}

/** Keys that prevent a start, with the line that says why. */
const BAD_KEYS: readonly (readonly [what: string, secret: Record<string, string>, line: RegExp])[] = [
  ["missing", { LITELLM_PROXY_KEY: "" }, /custom_auth: LITELLM_PROXY_KEY is not set$/m],
  ["short", { LITELLM_MASTER_KEY: "fake-short" }, /custom_auth: LITELLM_MASTER_KEY is shorter than 16 characters$/m],
  ["equal", { LITELLM_PROXY_KEY: master }, /custom_auth: LITELLM_PROXY_KEY is the same as LITELLM_MASTER_KEY$/m],
];

Deno.test({
  name: "invalid keys prevent the start with one line",
  ignore,
  fn: async () => {
    await Promise.all(BAD_KEYS.map(async ([what, values, line]) => {
      await using pod = await startPod({
        objects,
        deployment: "litellm",
        secrets: { [SECRET]: values },
        wait: false,
      });
      assert.notEqual(await ends(pod.container("litellm")), 0, what);
      const log = await pod.logs("litellm");
      assert.match(log, line, what);
      assert.ok(!log.includes("Traceback"), log);
    }));
  },
});

Deno.test({
  name: "control: the count of outgoing connections detects the download of the price list",
  ignore,
  fn: async () => {
    const fetching = withContainer(objects, "litellm", "litellm", (container) => {
      container.env = container.env.filter(({ name }: Json) => name !== "LITELLM_LOCAL_MODEL_COST_MAP");
    });
    // The test does not wait for the start: LiteLLM's second attempt logs from another thread, which intermittently breaks the
    // import of its own modules.
    await using pod = await startPod({
      objects: fetching,
      deployment: "litellm",
      before: { litellm: countOutgoing },
      wait: false,
    });
    await until("a connection goes out", async () => await outgoing(pod) > 0);
  },
});

Deno.test({
  name: "control: the checks fail without the allow-list",
  ignore,
  fn: async () => {
    const open = withText(exposed(objects), "custom_auth.py", "not in PROXY_KEY_ROUTES", "in ()");
    const broken = withContainer(open, "litellm", "litellm", (container) => {
      container.securityContext = {};
    });
    // Its connections to the internet are refused at once instead of timing out.
    await using pod = await startPod({ objects: broken, deployment: "litellm", before: { litellm: countOutgoing } });
    const some = operations.filter(({ method, path }) => method === "GET" && /^\/(config|key|model|team)\//.test(path));
    const wanted = [...some, ...TRICKED];
    const found = reached(await sweep(pod, wanted, proxy, INNER_PORT), await sweep(pod, wanted, undefined, INNER_PORT));
    for (const path of ["/config/yaml", "/key/list", "/model/info", "/%6dodel/info"]) {
      assert.ok(found.includes(`GET ${path}`), path);
    }
    assert.notDeepEqual(await rights(pod), RIGHTS);
  },
});

Deno.test({
  name: "the proxy key's list of models is enforced, but only with the common checks",
  ignore,
  fn: async () => {
    const one = withText(
      objects,
      "custom_auth.py",
      'models=list(LIMITS["models"])',
      'models=list(LIMITS["models"])[:1]',
    );
    const unchecked = withText(
      one,
      "config.yaml",
      "custom_auth_run_common_checks: true",
      "custom_auth_run_common_checks: false",
    );
    const statuses = await Promise.all([one, unchecked].map(async (objects) => {
      await using pod = await startPod({ objects, deployment: "litellm" });
      assert.equal((await chat(pod, proxy, MODELS[0])).status, 200);
      return (await chat(pod, proxy, MODELS[1])).status;
    }));
    assert.deepEqual(statuses, [403, 200]);
  },
});

const RIGHTS = {
  uid: "1000",
  capabilities: "0000000000000000",
  noNewPrivileges: "1",
  seccomp: "2",
  writable: ["/tmp", "/var/lib/litellm"],
};

/** Returns the capabilities of the container's process and the folders to which it can write, from the kernel. */
async function rights(pod: Pod) {
  const folders = "/ /app /etc /etc/litellm /home /opt /root /tmp /usr/local/lib /var/lib/litellm /var/tmp";
  const { stdout } = await pod.exec("litellm", [
    "sh",
    "-c",
    `cat /proc/1/status; for folder in ${folders}; do touch $folder/probe 2>/dev/null && echo "writable: $folder"; done`,
  ]);
  const field = (name: string) => stdout.match(new RegExp(`^${name}:\\s*(\\S+)`, "m"))?.[1];
  return {
    uid: field("Uid"),
    capabilities: field("CapBnd"),
    noNewPrivileges: field("NoNewPrivs"),
    seccomp: field("Seccomp"),
    writable: [...stdout.matchAll(/^writable: (.*)$/gm)].map(([, folder]) => folder),
  };
}

async function modelsOf(pod: Pod, key: string): Promise<string[]> {
  const answer = await pod.fetch(PORT, "/v1/models", { headers: bearer(key) });
  return (await answer.json()).data.map(({ id }: Json) => id);
}
