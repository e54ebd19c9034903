/**
 * Runs the real docker sandbox (requirement B5): the generated gateway's pod with its docker daemon, whose turns execute chosen
 * commands in the sandbox that the gateway creates. Eviction by a kubelet for a volume over its sizeLimit and NetworkPolicies
 * are not covered.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/tables/pins.ts";
import { tool } from "../support/tools.ts";
import { filesOf, type Json } from "../support/support.ts";
import { untilDaemon } from "../support/runtime/docker_image.ts";
import { type Gateway, startGateway } from "../support/runtime/gateway_pod.ts";
import { acceptor } from "../support/runtime/listener.ts";
import { configFile, configJson, dataOf, overlay, withContainer, withJson } from "../support/runtime/objects.ts";
import { boundsOf, DOCKER, sandboxContainers } from "../support/runtime/sandbox_bounds.ts";
import { factsCommand, factsOf, fakeSecrets, faultsOf } from "../support/runtime/sandbox_facts.ts";
import { baseImage, builtVolume, copyBuiltVolume } from "../support/runtime/sandbox_image.ts";
import { podRuntime } from "../support/runtime/scratch.ts";
import { sessionCommands, sessionRows } from "../support/runtime/session_table.ts";
import { chat, turn } from "../support/runtime/turns.ts";
import { GATEWAY_PORT } from "../../src/tables/workloads.ts";

const CONFIG = "openclaw.json";

const generated = await tool("the docker sandbox", async () => {
  await podRuntime(IMAGES.openclaw, IMAGES.docker, IMAGES.sandboxBase);
  const { images } = await baseImage();
  await builtVolume();
  const people = ["123456789012345678"];
  const pack = { images, discord: { allowFrom: people, elevated: people } };
  // The trial has no Discord, so no user may be elevated. This uses production's list instead.
  const { tools: { elevated } } = configJson(await overlay("prod", pack), CONFIG);
  const objects = withJson(await overlay("kind", pack), CONFIG, (config) => config.tools.elevated = elevated);
  const { docker } = configJson(objects, CONFIG).agents.defaults.sandbox;
  return { objects, docker, secrets: fakeSecrets(await filesOf(pack)) };
});

Deno.test({
  name: "the docker sandbox confines what a turn executes",
  ignore: generated.ignore,
  fn: async (t) => {
    const { objects } = generated.value;
    await using gateway = await startGateway({ objects, volume: copyBuiltVolume });
    const { pod } = gateway;
    await using world = acceptor(pod.network.world);
    const context = await contextOf(gateway, world.address);

    await t.step("a command finds no outbound access to private addresses, and no secret", async () => {
      const facts = factsOf(await turn(gateway, { command: factsCommand(context) }));
      assert.deepEqual(faultsOf(facts, context), []);
      assert.deepEqual([...gateway.model.keys], [dataOf(objects, "Secret", "openclaw-credentials").LITELLM_PROXY_KEY]);
    });

    await t.step("control: the same checks fail in the gateway's and the daemon's containers", async () => {
      const beside = async (container: string) => {
        const { stdout } = await pod.exec(container, ["sh", "-c", factsCommand(context)]);
        const facts = factsOf(stdout);
        return { facts, faults: faultsOf(facts, context) };
      };
      const ports = context.shut.map((peer) => `${peer} shut`);
      const planted = "planted";
      await Deno.writeTextFile(join(gateway.workspace, planted), `a line with ${context.secrets.at(-1)} in it\n`);
      const openclaw = await beside("openclaw");
      assert.deepEqual(openclaw.faults, ["user 1001 alone", "its own process namespace", "no secret", ...ports]);
      assert.match(openclaw.facts.secrets ?? "", new RegExp(`/proc/\\d+/environ .*/workspaces/main/${planted}`));
      const all = [
        "user 1001 alone",
        "its own process namespace",
        "no capability",
        "no new privileges",
        "seccomp filter",
      ];
      assert.deepEqual((await beside("docker")).faults, [...all, "read-only root", "no secret", ...ports]);
      await Deno.remove(join(gateway.workspace, planted));
    });

    await t.step("each cell of the table in docs/security.md agrees with its command", async () => {
      for (const { what, command, sandbox, elevated } of sessionRows()) {
        const found = [];
        for (const argv of sessionCommands(command)) {
          const { stdout, stderr } = await pod.exec("openclaw", argv);
          found.push((stdout + stderr).trim());
        }
        assert.deepEqual(found, [sandbox, elevated], what);
      }
    });

    await t.step(
      "its files are in the gateway's workspace, owned by the sandbox's user",
      () => assertWorkspace(gateway),
    );

    await t.step("its memory, files in memory, processes and logs are limited", async () => {
      assert.deepEqual(await boundsOf(gateway, generated.value.docker), {
        files: true,
        memory: true,
        processes: true,
        logs: true,
      });
    });

    await t.step("only a listed Discord user is elevated", async () => {
      const said = await chat(gateway, "agent:main:elevated", { command: "id", elevated: true });
      assert.match(said, /Failing gates: allowFrom .*provider=webchat/);
    });

    await t.step("after a restart of the docker daemon turns work, and the firewall is active again", async () => {
      await pod.exec("docker", ["sh", "-c", "iptables -w -F INPUT && iptables -w -t mangle -F"]);
      assert.deepEqual(
        faultsOf(factsOf(await turn(gateway, { command: factsCommand(context) })), context),
        context.shut.map((peer) => `${peer} shut`),
      );
      await pod.container("docker").kill();
      await pod.restart("docker");
      await untilDaemon(pod.container("docker"));
      await assertWorkspace(gateway);
      assert.deepEqual(faultsOf(factsOf(await turn(gateway, { command: factsCommand(context) })), context), []);
    });

    await t.step("pruning keeps the sandbox image, unless it prunes all unused images", async () => {
      const prune = configFile(objects, "prune.sh");
      await pod.exec("docker", [...DOCKER, "rm", "--force", ...(await sandboxContainers(gateway))]);
      assert.ok(await imageAfter(gateway, prune));
      assert.ok(!await imageAfter(gateway, prune.replace("image prune", "image prune --all")));
    });
  },
});

Deno.test({
  name: "control: the checks of the docker sandbox detect each missing measure",
  ignore: generated.ignore,
  fn: async (t) => {
    const objects = withoutMeasures(generated.value.objects);
    await using gateway = await startGateway({ objects, volume: copyBuiltVolume });
    const { pod } = gateway;
    await using world = acceptor(pod.network.world);
    const context = await contextOf(gateway, world.address);

    await t.step("without firewall.sh the pod's ports and private addresses are reachable", async () => {
      const facts = factsOf(await turn(gateway, { command: factsCommand(context) }));
      assert.deepEqual(faultsOf(facts, context), context.shut.map((peer) => `${peer} shut`));
    });

    await t.step("without the workspace volume in the daemon's container nothing reaches the workspace", async () => {
      await assert.rejects(assertWorkspace(gateway), Deno.errors.NotFound);
    });

    await t.step("without limits and daemon.json nothing is limited", async () => {
      assert.deepEqual(await boundsOf(gateway, generated.value.docker), {
        files: false,
        memory: false,
        processes: false,
        logs: false,
      });
    });

    await t.step("with web chat on the list its user is elevated, and sees the gateway's secrets", async () => {
      const said = await chat(gateway, "agent:main:elevated", { command: "env", elevated: true });
      assert.match(said, /^OPENCLAW_GATEWAY_TOKEN=/m);
    });
  },
});

/**
 * The expected facts of this pod: its own ports must be blocked on each of its addresses, as must the model's private address,
 * which the gateway reaches, and the internet must be reachable.
 */
async function contextOf({ pod, modelAddress }: Gateway, world: string) {
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const { stdout } = await pod.exec("docker", [...DOCKER, "network", "inspect", "bridge", "--format", format]);
  const own = [stdout.trim(), pod.address].flatMap((address) => [`${address}:${GATEWAY_PORT}`, `${address}:2376`]);
  const shut = [...own, modelAddress];
  const open = [world];
  // docker's own init, which OpenClaw requests.
  const init = /^\S*docker-init -- sleep infinity$/;
  return { secrets: generated.value.secrets, peers: [...shut, ...open], user: 1001, init, shut, open };
}

async function assertWorkspace(gateway: Gateway): Promise<void> {
  const name = `note-${crypto.randomUUID()}`;
  await turn(gateway, { command: `echo hello > ${name}` });
  const path = join(gateway.workspace, name);
  assert.equal(await Deno.readTextFile(path), "hello\n");
  assert.equal((await Deno.stat(path)).uid, 1001);
}

/** Runs the commands that prune.sh runs every half hour, and returns whether the sandbox image still exists. */
async function imageAfter({ pod }: Gateway, script: string): Promise<boolean> {
  const commands = script.split("\n").filter((line) => line.trim().startsWith("docker "));
  assert.ok(commands.length > 0);
  const { code, stderr } = await pod.exec("sandbox-image", ["sh", "-euc", commands.join("\n")]);
  assert.equal(code, 0, stderr);
  const { image } = generated.value.docker;
  return (await pod.exec("docker", [...DOCKER, "image", "inspect", image])).code === 0;
}

/** Returns the generated objects without the limits of the sandbox. */
function withoutMeasures(objects: readonly Json[]): Json[] {
  const changed = withContainer(objects, "openclaw", "docker", (docker) => {
    delete docker.lifecycle;
    docker.volumeMounts = docker.volumeMounts.filter(({ name, subPath }: Json) =>
      name !== "workspace" && subPath !== "daemon.json"
    );
  });
  const unasked = withContainer(changed, "openclaw", "openclaw", (openclaw) => {
    openclaw.args[2] = openclaw.args[2].replace(/&& node openclaw\.mjs approvals set [^&]*/, "");
  });
  return withJson(unasked, CONFIG, (config) => {
    config.plugins.entries.elevation.enabled = false;
    config.tools.exec = { host: "auto" };
    const { docker } = config.agents.defaults.sandbox;
    for (const limit of ["memory", "memorySwap", "pidsLimit"]) delete docker[limit];
    docker.tmpfs = docker.tmpfs.map((mount: string) => mount.replace(/:.*/, ""));
    config.tools.elevated.allowFrom.webchat = ["*"];
  });
}
