/**
 * The docker sandbox, run for real (SPEC B5): the generated gateway's pod with its docker daemon, whose turns execute chosen
 * commands in the sandbox that the gateway makes. What a kubelet does to a volume over its sizeLimit (it evicts the pod) is not
 * here, nor are NetworkPolicies.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/config/defaults.ts";
import { part } from "../judges/parts.ts";
import { filesOf, type Json, objectOf } from "../support.ts";
import { type Gateway, startGateway } from "./gateway_pod.ts";
import { configFile, configJson, dataOf, overlay, withJson } from "./objects.ts";
import type { Pod } from "./pod.ts";
import { factsCommand, factsOf, fakeSecrets, faultsOf } from "./sandbox_facts.ts";
import { baseImage, copyOfVolume, volumeWithImage } from "./sandbox_image.ts";
import { podRuntime } from "./scratch.ts";
import { chat, turn } from "./turns.ts";

const CONFIG = "openclaw.json";
const DOCKER = ["docker", "-H", "unix:///var/run/docker.sock"];

const generated = await part("the docker sandbox", async () => {
  await podRuntime(IMAGES.openclaw, IMAGES.docker, IMAGES.sandboxBase);
  const { images } = await baseImage();
  await volumeWithImage();
  const pack = { images, discord: { allowFrom: ["123456789012345678"] } };
  // The trial has no Discord and so nobody who may be elevated: production's own list in its place.
  const { tools: { elevated } } = configJson(await overlay("prod", pack), CONFIG);
  const objects = withJson(await overlay("kind", pack), CONFIG, (config) => config.tools.elevated = elevated);
  return { objects, secrets: fakeSecrets(await filesOf(pack)) };
});

Deno.test({
  name: "the docker sandbox confines what a turn executes",
  ignore: generated.ignore,
  fn: async (t) => {
    const { objects } = generated.value;
    await using gateway = await startGateway({ objects, volume: copyOfVolume });
    const { pod } = gateway;
    const context = await contextOf(gateway);

    await t.step("a command finds no way out, and no secret", async () => {
      const facts = factsOf(await turn(gateway, { command: factsCommand(context) }));
      assert.deepEqual(faultsOf(facts, context), []);
      assert.deepEqual([...gateway.model.keys], [dataOf(objects, "Secret", "openclaw-credentials").LITELLM_PROXY_KEY]);
    });

    await t.step("the same checks fail beside the gateway, and in the daemon's container", async () => {
      const beside = async (container: string) => {
        const { stdout } = await pod.exec(container, ["sh", "-c", factsCommand(context)]);
        const facts = factsOf(stdout);
        return { facts, faults: faultsOf(facts, context) };
      };
      const ports = context.shut.map((peer) => `${peer} shut`);
      const planted = ".openclaw/workspace/planted";
      await Deno.writeTextFile(join(gateway.volume, planted), `a line with ${context.secrets.at(-1)} in it\n`);
      const openclaw = await beside("openclaw");
      assert.deepEqual(openclaw.faults, ["a process space of its own", "no secret", ...ports]);
      assert.match(openclaw.facts.secrets ?? "", new RegExp(`/home/node/${planted} /proc/\\d+/environ`));
      const all = [
        "user 1000 alone",
        "a process space of its own",
        "no capability",
        "no new privileges",
        "seccomp filter",
      ];
      assert.deepEqual((await beside("docker")).faults, [...all, "read-only root", "no secret", ...ports]);
      await Deno.remove(join(gateway.volume, planted));
    });

    await t.step("what it writes is in the gateway's workspace, as the gateway's user", () => assertWorkspace(gateway));

    await t.step("its memory, processes and logs are bounded", async () => {
      assert.deepEqual(await boundsOf(gateway), { memory: true, processes: true, logs: true });
    });

    await t.step("only a listed Discord user is elevated", async () => {
      const said = await chat(gateway, "agent:main:elevated", { command: "id", elevated: true });
      assert.match(said, /Failing gates: allowFrom .*provider=webchat/);
    });

    await t.step("after a restart of the docker daemon turns work, and its rules hold", async () => {
      await pod.container("docker").kill();
      await pod.restart("docker");
      await assertWorkspace(gateway);
      assert.deepEqual(faultsOf(factsOf(await turn(gateway, { command: factsCommand(context) })), context), []);
    });

    await t.step("pruning leaves the sandbox image, unless it took all that is unused", async () => {
      const prune = configFile(objects, "prune.sh");
      await pod.exec("docker", [...DOCKER, "rm", "--force", ...(await sandboxes(pod))]);
      assert.ok(await imageAfter(gateway, prune));
      assert.ok(!await imageAfter(gateway, prune.replace("image prune", "image prune --all")));
    });
  },
});

Deno.test({
  name: "the docker sandbox: each measure that is left out shows",
  ignore: generated.ignore,
  fn: async (t) => {
    const objects = withoutMeasures(generated.value.objects);
    await using gateway = await startGateway({ objects, volume: copyOfVolume });
    const context = await contextOf(gateway);

    await t.step("without close-gateway.sh the pod's ports are open", async () => {
      const facts = factsOf(await turn(gateway, { command: factsCommand(context) }));
      assert.deepEqual(faultsOf(facts, context), context.shut.map((peer) => `${peer} shut`));
    });

    await t.step("without the state volume in the daemon's container nothing reaches the workspace", async () => {
      await assert.rejects(assertWorkspace(gateway));
    });

    await t.step("without limits and daemon.json nothing is bounded", async () => {
      assert.deepEqual(await boundsOf(gateway), { memory: false, processes: false, logs: false });
    });

    await t.step("with web chat on the list its user is elevated, and sees the gateway's secrets", async () => {
      const said = await chat(gateway, "agent:main:elevated", { command: "env", elevated: true });
      assert.match(said, /^OPENCLAW_GATEWAY_TOKEN=/m);
    });
  },
});

/** What the facts of this pod are held against: its own ports must be shut on each of its addresses, and the world open. */
async function contextOf({ pod, modelAddress }: Gateway) {
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const { stdout } = await pod.exec("docker", [...DOCKER, "network", "inspect", "bridge", "--format", format]);
  const shut = [stdout.trim(), pod.address].flatMap((address) => [`${address}:18789`, `${address}:2376`]);
  const open = [modelAddress];
  // docker's own init, which OpenClaw asks for.
  const init = /^\S*docker-init -- sleep infinity$/;
  return { secrets: generated.value.secrets, peers: [...shut, ...open], init, shut, open };
}

async function assertWorkspace(gateway: Gateway): Promise<void> {
  const name = `note-${crypto.randomUUID()}`;
  await turn(gateway, { command: `echo hello > ${name}; cat SOUL.md | wc -c` });
  const path = join(gateway.volume, ".openclaw/workspace", name);
  assert.equal(await Deno.readTextFile(path), "hello\n");
  assert.equal((await Deno.stat(path)).uid, 1000);
}

/** Whether what a sandbox may take is limited: tried out, but for the logs, which are looked up. */
async function boundsOf(gateway: Gateway) {
  // The limits that are written in production, not those of a broken variant.
  const { memory, pidsLimit } = configJson(generated.value.objects, CONFIG).agents.defaults.sandbox.docker;
  const mebibytes = Math.ceil(parseInt(memory) * 1.1);
  const forks = [
    "import os, time",
    "count = 0",
    "try:",
    `  while count <= ${pidsLimit}:`,
    "    if os.fork() == 0: time.sleep(2); os._exit(0)",
    "    count += 1",
    "except OSError: pass",
    "print(f'forks={count}')",
  ].join("\n");
  const command = `python3 -c 'b"x" * (${mebibytes} << 20)'; echo "memory=$?"; python3 -c "${forks}"`;
  const facts = factsOf(await turn(gateway, { command }));
  const inspect = [
    ...DOCKER,
    "inspect",
    "--format",
    "{{json .HostConfig.LogConfig}}",
    ...(await sandboxes(gateway.pod)),
  ];
  const { stdout } = await gateway.pod.exec("docker", inspect);
  const { Type, Config } = JSON.parse(stdout);
  return {
    // 128 + SIGKILL.
    memory: facts.memory === "137",
    processes: Number(facts.forks) < pidsLimit,
    logs: Type === "json-file" && Number(Config["max-file"]) > 0 && /^\d+m$/.test(Config["max-size"]),
  };
}

async function sandboxes(pod: Pod): Promise<string[]> {
  const { stdout } = await pod.exec("docker", [...DOCKER, "ps", "--all", "--quiet"]);
  return stdout.trim().split("\n");
}

/** Runs what prune.sh runs every half hour; tells whether the sandbox image is there after it. */
async function imageAfter({ pod }: Gateway, script: string): Promise<boolean> {
  const commands = script.split("\n").filter((line) => line.trim().startsWith("docker "));
  assert.ok(commands.length > 0);
  const { code, stderr } = await pod.exec("docker-prune", ["sh", "-euc", commands.join("\n")]);
  assert.equal(code, 0, stderr);
  const { image } = configJson(generated.value.objects, CONFIG).agents.defaults.sandbox.docker;
  return (await pod.exec("docker", [...DOCKER, "image", "inspect", image])).code === 0;
}

/** The generated objects without what bounds the sandbox, each taken out where it is written. */
function withoutMeasures(objects: readonly Json[]): Json[] {
  const changed = structuredClone(objects) as Json[];
  const { initContainers } = objectOf(changed, "Deployment", "openclaw").spec.template.spec;
  const docker = initContainers.find(({ name }: Json) => name === "docker");
  delete docker.lifecycle;
  docker.volumeMounts = docker.volumeMounts.filter(({ name, subPath }: Json) =>
    name !== "state" && subPath !== "daemon.json"
  );
  return withJson(changed, CONFIG, (config) => {
    const { docker } = config.agents.defaults.sandbox;
    for (const limit of ["memory", "memorySwap", "pidsLimit"]) delete docker[limit];
    config.tools.elevated.allowFrom.webchat = ["*"];
  });
}
