/**
 * The Discord plugin in production's pod: installed once by the generated init container, pinned, and never by the gateway
 * itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/tables/pins.ts";
import { tool } from "../support/tools.ts";
import { type Json, objectOf } from "../support/support.ts";
import { cli, cliJson } from "../support/runtime/gateway_cli.ts";
import { startWithoutDocker } from "../support/runtime/gateway_without_docker.ts";
import { type Network, network } from "../support/runtime/network.ts";
import { type NpmRegistry, npmRegistry } from "../support/runtime/npm_registry.ts";
import { overlay } from "../support/runtime/objects.ts";
import type { Pod, PodOptions } from "../support/runtime/pod.ts";
import { podRuntime, scratch } from "../support/runtime/scratch.ts";

const STEP = "install-plugins";
/** The init container that installs the tools; tools_test.ts tests it, and here it could not succeed. */
const WITHOUT = ["install-tools"];

const given = await tool("the Discord plugin", async () => {
  await podRuntime(IMAGES.openclaw);
  // The production pod, with the trial's values instead of those from SSM.
  const secrets = (await overlay("kind")).filter(({ kind }) => kind === "Secret");
  const objects = [...await overlay("prod", { discord: { allowFrom: ["123456789012345678"] } }), ...secrets];
  const { initContainers } = objectOf(objects, "Deployment", "openclaw").spec.template.spec;
  const { env } = initContainers.find(({ name }: Json) => name === STEP);
  const pin = env.find(({ name }: Json) => name === "PLUGIN").value as string;
  const at = pin.lastIndexOf("@");
  return { objects, pin, name: pin.slice(0, at), version: pin.slice(at + 1) };
});
const { ignore } = given;
const { objects, pin, name, version } = given.value ?? {};

Deno.test({
  name: "the init container installs the Discord plugin once, pinned",
  ignore,
  fn: async (t) => {
    await using net = await network();
    await using folder = await scratch();
    const volume = join(folder.path, "volume");

    await t.step("the first start downloads it, at the gateway's version", async () => {
      await using registry = await registryOf(net);
      await using pod = await start(net, volume, registry);
      assert.ok(registry.requests.includes(`/${name.replace("/", "%2f")}`), String(registry.requests));
      assert.deepEqual(await plugin(pod), { version, status: "loaded", enabled: true });
      const { code, stdout, stderr } = await cli(pod, ["config", "validate"]);
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stdout + stderr, /warn/i);
      await pod.stop();
    });

    await t.step("the second start needs no network, and becomes ready although Discord is unreachable", async () => {
      await using pod = await start(net, volume);
      assert.equal((await pod.logs(STEP)).trim(), `${pin} is installed`);
      assert.match(await pod.logs("openclaw"), /starting provider/);
      assert.deepEqual(await plugin(pod), { version, status: "loaded", enabled: true });
      await pod.stop();
    });

    await t.step("another version on the volume prevents the start, or is replaced once", async () => {
      await pretend(volume, "2026.1.1");
      const without = [...WITHOUT, "openclaw"];
      await assert.rejects(() => start(net, volume, undefined, { without }), new RegExp(`${STEP} ended with 1`));
      {
        await using registry = await registryOf(net);
        await using _pod = await start(net, volume, registry, { without });
        assert.ok(registry.requests.length > 0);
      }
      await using pod = await start(net, volume, undefined, { without });
      assert.equal((await pod.logs(STEP)).trim(), `${pin} is installed`);
    });
  },
});

Deno.test({
  name: "without the init container the gateway would run npm itself",
  ignore,
  fn: async () => {
    await using net = await network();
    await using folder = await scratch();
    await using registry = await registryOf(net);
    await using pod = await startWithoutDocker({
      objects,
      network: net,
      claims: { "openclaw-data": join(folder.path, "volume") },
      env: { openclaw: { npm_config_registry: registry.url } },
      without: [...WITHOUT, STEP],
      wait: false,
    });
    await Promise.race([registry.asked, pod.container("openclaw").exited]);
    assert.ok(registry.requests.length > 0, await pod.logs("openclaw"));
  },
});

async function registryOf(net: Network): Promise<NpmRegistry> {
  return await npmRegistry(net.host, `npm-${pin.replaceAll("/", "-")}`);
}

/** Starts with a registry for only the init container, or without one. */
async function start(net: Network, volume: string, registry?: NpmRegistry, options: Partial<PodOptions> = {}) {
  return await startWithoutDocker({
    objects,
    network: net,
    claims: { "openclaw-data": volume },
    without: WITHOUT,
    // Without a limit, npm would retry for minutes.
    env: { [STEP]: registry ? { npm_config_registry: registry.url } : { npm_config_fetch_retries: "0" } },
    ...options,
  });
}

async function plugin(pod: Pod) {
  const { plugins } = await cliJson(pod, ["plugins", "list"]);
  const { version, status, enabled } = plugins.find(({ id }: Json) => id === "discord");
  return { version, status, enabled };
}

/** Changes the version of the plugin on a volume. */
async function pretend(volume: string, version: string): Promise<void> {
  const projects = join(volume, ".openclaw/npm/projects");
  const [project, ...others] = await Array.fromAsync(Deno.readDir(projects));
  assert.deepEqual(others, []);
  const path = join(projects, project?.name ?? "", "node_modules", name, "package.json");
  await Deno.writeTextFile(path, JSON.stringify({ ...JSON.parse(await Deno.readTextFile(path)), version }));
}
