/**
 * Runs the generated gateway with the generated LiteLLM and a stub of Anthropic's API (requirements B3, B4, B13): a turn, which
 * container sees which key, the results of OpenClaw's own validator and audit in the pod, and which files of the state volume
 * come from Git.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readPack } from "openclaw-pack";
import { IMAGES } from "../../src/tables/pins.ts";
import { tool } from "../support/tools.ts";
import { type Json, objectOf } from "../support/support.ts";
import { anthropic } from "../support/runtime/anthropic.ts";
import { type AnthropicStub, STUB_ANSWER } from "../support/runtime/anthropic_stub.ts";
import { importImage } from "../support/runtime/docker_image.ts";
import { cli, cliJson, say } from "../support/runtime/gateway_cli.ts";
import { type Network, network } from "../support/runtime/network.ts";
import { configFile, configJson, dataOf, overlay } from "../support/runtime/objects.ts";
import { EDIT, editAsGateway, volumeFaults } from "../support/runtime/edited_volumes.ts";
import { startWithoutDocker } from "../support/runtime/gateway_without_docker.ts";
import { type Pod, startPod } from "../support/runtime/pod.ts";
import { untilProbed } from "../support/runtime/probes.ts";
import { podRuntime, scratch } from "../support/runtime/scratch.ts";
import { placesOf } from "../support/runtime/secret_search.ts";

const ANTHROPIC_KEY = "sk-ant-fake-key-that-only-the-key-proxy-may-have";
/** tools_test.ts tests Codex itself; an empty program with its name shows that the skill needs nothing else. */
const STAND_INS = "stand-ins";
const PROBES = ["startupProbe", "readinessProbe", "livenessProbe"] as const;

const given = await tool("the gateway's pod", async () => {
  await podRuntime(IMAGES.openclaw, IMAGES.litellm, IMAGES.keyProxy, IMAGES.docker);
  const models = readPack("").config.models.list;
  // The deployment, and the same after one edit in pack.yaml: the other model first.
  return {
    before: await overlay("kind"),
    after: await overlay("kind", { models: { list: models.toReversed() } }),
    models,
  };
});

Deno.test({
  name: "the gateway as the trial runs it",
  ignore: given.ignore,
  fn: async (t) => {
    const { before, after, models } = given.value;
    const [first, second] = models.map(({ id }) => id);
    await using net = await network();
    await using stub = await anthropic(net);
    await using folder = await scratch();
    const volume = join(folder.path, "volume");
    const workspaces = join(folder.path, "workspaces");
    await standIn(volume);
    await using litellm = await startPod({
      objects: before,
      deployment: "litellm",
      network: net,
      secrets: { "key-proxy-credentials": { ANTHROPIC_API_KEY: ANTHROPIC_KEY } },
      files: stub.files,
      // LiteLLM may start until the gateway's first turn.
      wait: false,
    });
    {
      await using pod = await startGateway(before, net, volume);

      await t.step("its probes fail until it has started, and then pass", async () => {
        // The startup probe waits, so it may succeed.
        for (const kind of ["readinessProbe", "livenessProbe"] as const) {
          assert.equal(await pod.probe("openclaw", kind), false, kind);
        }
        await untilReady(pod, "openclaw");
        for (const kind of PROBES) assert.ok(await pod.probe("openclaw", kind), kind);
      });

      await t.step("a probe of a removed path fails, although the web UI answers it", async () => {
        const { command = [] } = pod.spec.containers[0]?.readinessProbe?.exec ?? {};
        assert.deepEqual(command, ["bash", "/init/started.sh", "0"]);
        const ask = (path: string) =>
          pod.exec("openclaw", ["bash", "-c", `sed "s|/startupz|${path}|" /init/started.sh | bash -s 0`]);
        assert.equal((await ask("/startupz")).code, 0);
        assert.equal((await ask("/gone")).code, 1);
        const answer = await pod.fetch(18789, "/gone");
        await answer.body?.cancel();
        assert.equal(answer.status, 200);
      });

      await t.step("a turn reaches Anthropic through LiteLLM, with streaming", async () => {
        await untilReady(litellm, "litellm");
        assert.equal(await say(pod, "good morning"), STUB_ANSWER);
        const [request, ...others] = stub.requests;
        assert.ok(request);
        const { path, key, model, stream } = request;
        assert.deepEqual({ path, key, model, stream }, {
          path: "/v1/messages",
          key: ANTHROPIC_KEY,
          model: first,
          stream: true,
        });
        assert.deepEqual(others, []);
      });

      await t.step("once the budget is used up, the assistant says so and calls no model", async () => {
        const before = stub.requests.length;
        const record = JSON.stringify({ period_start: "2999-01-01", spent_usd: 1000 });
        await withRecord(litellm, record);
        assert.match(
          await say(pod, "and now?"),
          /^The budget for the models is used up: 1000\.00 of 100\.00 USD since /,
        );
        assert.equal(stub.requests.length, before);
        await withRecord(litellm, JSON.stringify({ period_start: "2026-01-01", spent_usd: 0 }));
        assert.equal(await say(pod, "and again?"), STUB_ANSWER);
      });

      await t.step("the model receives SOUL.md and the skill", () => {
        const prompt = systemPrompt(stub);
        assert.ok(prompt.includes(configFile(before, "SOUL.md").trim()));
        assert.deepEqual(skillsIn(prompt), ["codex-review", "github-exchange"]);
      });

      await t.step("its pod contains neither Anthropic's key nor the master key", async () => {
        const { LITELLM_MASTER_KEY = "" } = dataOf(before, "Secret", "litellm-credentials");
        assert.deepEqual(await placesOf(pod, ANTHROPIC_KEY), []);
        assert.deepEqual(await placesOf(pod, LITELLM_MASTER_KEY), []);
      });

      await t.step("the gateway's own secrets are only in its environment", async () => {
        for (const [name, value] of Object.entries(dataOf(before, "Secret", "openclaw-credentials"))) {
          const places = await placesOf(pod, value);
          const others = places.filter((place) => !/^(env openclaw|\/proc\/\d+\/environ)$/.test(place));
          assert.deepEqual(others, [], name);
          if (name !== "DISCORD_BOT_TOKEN") assert.ok(places.includes("env openclaw"), name);
        }
      });

      await t.step("the search finds a key in a file", async () => {
        const planted = join(workspaces, "main/planted");
        await Deno.writeTextFile(planted, `a line with ${ANTHROPIC_KEY} in it\n`);
        assert.deepEqual(await placesOf(pod, ANTHROPIC_KEY), ["/workspaces/main/planted"]);
        await Deno.remove(planted);
      });

      await t.step("OpenClaw's validator and audit report nothing", async () => {
        const { code, stdout, stderr } = await cli(pod, ["config", "validate"]);
        assert.equal(code, 0, stderr);
        assert.doesNotMatch(stdout + stderr, /warn/i);
        assert.deepEqual(await auditOf(pod), []);
        await Deno.chmod(join(volume, ".openclaw/openclaw.json"), 0o666);
        assert.notDeepEqual(await auditOf(pod), [], "a world-writable file");
        await Deno.chmod(join(volume, ".openclaw/openclaw.json"), 0o600);
      });

      await t.step("the skill needs only codex", async () => {
        assert.deepEqual(await skill(pod), { eligible: true, modelVisible: true, bins: [], env: [] });
      });

      await t.step("the gateway does not write its own configuration", async () => {
        const set = ["config", "set", "gateway.port", "18790"];
        const refused = await cli(pod, set);
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /externally managed/);
        // Control: without the variable it would, here in another file.
        const file = "/home/node/stand-ins/config/openclaw.json";
        const env = { OPENCLAW_CONFIG_READONLY: "0", OPENCLAW_CONFIG_PATH: file };
        assert.equal((await cli(pod, set, { env })).code, 0);
      });

      await t.step("it ignores files that an approved command has changed, except SOUL.md while it runs", async () => {
        await editAsGateway(pod);
        assert.equal(await say(pod, "are you still there?"), STUB_ANSWER);
        assert.equal(stub.requests.at(-1)?.model, first);
        assert.deepEqual(skillsIn(systemPrompt(stub)), ["codex-review", "github-exchange"]);
        // A known limitation until the next start.
        assert.ok(systemPrompt(stub).includes(EDIT));
      });

      await t.step("its memory stays below three quarters of the limit", async () => {
        const { limit, peak, rss } = await pod.memory("openclaw");
        console.error(`memory in MiB: limit ${limit / 2 ** 20}, peak ${peak >> 20}, rss ${rss >> 20}`);
        assert.ok(peak < 0.75 * limit);
      });

      await t.step("every container exits cleanly on SIGTERM", async () => {
        assert.deepEqual(Object.values(await pod.stop()).filter((code) => code !== 0), []);
      });
    }

    await t.step("another configuration results in another ConfigMap and a new pod", () => {
      const [old, now] = [before, after].map((objects) => objectOf(objects, "Deployment", "openclaw").spec);
      assert.deepEqual([old.strategy, now.strategy], [{ type: "Recreate" }, { type: "Recreate" }]);
      const changed = now.template.spec.volumes.filter((volume: Json, index: number) =>
        volume.configMap?.name !== old.template.spec.volumes[index].configMap?.name
      );
      // The scripts include the configuration for a start without a verified Discord plugin.
      assert.deepEqual(changed.map(({ name }: Json) => name), ["config", "init"]);
      const [gateway] = now.template.spec.containers;
      const fromGit = now.template.spec.volumes.filter(({ configMap }: Json) => configMap).map(({ name }: Json) =>
        name
      );
      // The gateway reads the copies that it made at its start, and the policy once. Codex reads its configuration every time.
      const mounted = gateway.volumeMounts.filter(({ name }: Json) => fromGit.includes(name));
      assert.deepEqual(mounted.map(({ name, mountPath }: Json) => `${name} ${mountPath}`), [
        "init /init",
        "config /config",
        "workspace-files /workspace-files",
        "codex /etc/codex",
        "git /etc/openclaw-git",
        "elevation /etc/openclaw-elevation",
      ]);
    });

    await t.step("files from Git win at the next start, and the agent's own files stay", async (t) => {
      assert.deepEqual(await volumeFaults(folder.path, after), [
        "edits are kept",
        "volume/.openclaw/openclaw.json is from Git",
        "workspaces/main/SOUL.md is from Git",
        "workspaces/main/skills/codex-review/SKILL.md is from Git",
      ]);
      await Deno.remove(join(volume, STAND_INS), { recursive: true });
      await using pod = await startGateway(after, net, volume);
      await untilReady(pod, "openclaw");
      assert.deepEqual(await volumeFaults(folder.path, after), []);
      const log = await pod.logs("openclaw");
      for (
        const path of ["/home/node/.openclaw/openclaw.json", "/workspaces/main/SOUL.md", "/workspaces/main/skills"]
      ) {
        assert.ok(log.includes(`${path} does not come from Git`), log);
      }

      await t.step("the conversation continues with the new model and the old rules", async () => {
        assert.equal(await say(pod, "and now?"), STUB_ANSWER);
        const { model, body = "" } = stub.requests.at(-1) ?? {};
        assert.equal(model, second);
        const texts = JSON.stringify(JSON.parse(body).messages);
        for (const text of ["good morning", STUB_ANSWER, "are you still there?", "and now?"]) {
          assert.ok(texts.includes(text), text);
        }
        assert.ok(!systemPrompt(stub).includes(EDIT));
      });

      await t.step("a restarted container also restores the files from Git", async () => {
        const soul = join(workspaces, "main/SOUL.md");
        await Deno.writeTextFile(soul, EDIT);
        await pod.container("openclaw").kill();
        await pod.restart("openclaw");
        assert.equal(await Deno.readTextFile(soul), configFile(after, "SOUL.md"));
      });

      await t.step("the skill is not offered without codex", async () => {
        assert.deepEqual(skillsIn(systemPrompt(stub)), ["github-exchange"]);
        assert.deepEqual(await skill(pod), { eligible: false, modelVisible: false, bins: ["codex"], env: [] });
      });
    });
  },
});

Deno.test({
  name: "a start follows at once on one that was killed during its migrations",
  ignore: given.ignore,
  fn: async () => {
    await using folder = await scratch();
    const claims = { "openclaw-data": join(folder.path, "volume") };
    const objects = await overlay("kind");
    await (await startWithoutDocker({ objects, claims })).stop();
    const gone = 4_000_000;
    // Control: of a pod with another host name OpenClaw cannot know whether it still runs, and waits for five minutes.
    for (const [host, ready] of [["openclaw-6679fc887f-lx5p7", false], ["openclaw", true]] as const) {
      plantLease(join(folder.path, "volume/.openclaw/state/openclaw.sqlite"), { pid: gone, host });
      const refused = startWithoutDocker({ objects, claims }).then(async (pod) => void await pod.stop(), String);
      const message = /startup migrations are already running/;
      if (ready) assert.equal(await refused, undefined);
      else assert.match(String(await refused), message);
    }
  },
});

/** Leaves the lease of a process in OpenClaw's database, as one does that was killed while it migrated the state. */
function plantLease(path: string, { pid, host }: { pid: number; host: string }): void {
  const now = Date.now();
  using database = new DatabaseSync(path);
  database.exec("DELETE FROM state_leases; DELETE FROM schema_meta WHERE meta_key LIKE '%migration%'");
  database.prepare(
    `INSERT INTO state_leases (scope, lease_key, owner, expires_at, heartbeat_at, payload_json, created_at, updated_at)
      VALUES ('startup-migrations', 'global', 'a-test', ?, ?, ?, ?, ?)`,
  ).run(now + 300_000, now, JSON.stringify({ owner: { pid, host, startedAt: 1 } }), now, now);
}

/** Starts the pods without waiting. */
async function startGateway(objects: readonly Json[], net: Network, volume: string): Promise<Pod> {
  const { agents } = configJson(objects, "openclaw.json");
  const [container] = objectOf(objects, "Deployment", "openclaw").spec.template.spec.containers;
  const path = container.env.find(({ name }: Json) => name === "PATH").value;
  return await startPod({
    objects,
    deployment: "openclaw",
    network: net,
    claims: { "openclaw-data": volume, "openclaw-workspace": join(volume, "../workspaces") },
    env: { openclaw: { PATH: `${path}:/home/node/${STAND_INS}` } },
    // Before the gateway, because the tests observe its first seconds.
    before: { openclaw: (pod) => importImage(pod.container("docker"), agents.defaults.sandbox.docker.image) },
    wait: false,
  });
}

/** Waits for a container with its startup probe, as a kubelet does. */
/** Restarts LiteLLM with a spend record. */
async function withRecord(litellm: Pod, record: string): Promise<void> {
  await litellm.exec("litellm", ["sh", "-c", "cat >/var/lib/litellm/spend.json"], { stdin: record });
  await litellm.container("litellm").kill();
  await litellm.restart("litellm");
  await untilReady(litellm, "litellm");
}

async function untilReady(pod: Pod, name: string): Promise<void> {
  const check = pod.spec.containers.find((container) => container.name === name)?.startupProbe ?? {};
  await untilProbed(name, check, pod.address, pod.container(name));
}

/** Writes it to a volume. */
async function standIn(volume: string): Promise<void> {
  const bin = join(volume, STAND_INS);
  await Deno.mkdir(bin, { recursive: true });
  await Deno.writeTextFile(join(bin, "codex"), "#!/bin/sh\n", { mode: 0o755 });
  await Deno.chown(bin, 1000, 1000);
}

/** Returns the last system prompt that the model received. */
function systemPrompt(stub: AnthropicStub): string {
  const { system } = JSON.parse(stub.requests.at(-1)?.body ?? "{}");
  return typeof system === "string" ? system : system.map(({ text }: Json) => text).join("\n");
}

/** Returns the names of the skills that a prompt offers. */
function skillsIn(prompt: string): string[] {
  return [...prompt.matchAll(/<name>(.*?)<\/name>/g)].map(([, name]) => name ?? "");
}

/** Returns the findings above the level of information. */
async function auditOf(pod: Pod): Promise<string[]> {
  const { findings } = await cliJson(pod, ["security", "audit"]);
  return findings.filter(({ severity }: Json) => severity !== "info").map(({ checkId }: Json) => checkId);
}

async function skill(pod: Pod) {
  const { skills } = await cliJson(pod, ["skills", "list"]);
  const { eligible, modelVisible, missing: { bins, env: variables } } = skills.find(({ name }: Json) =>
    name === "codex-review"
  );
  return { eligible, modelVisible, bins, env: variables };
}
