/**
 * The Discord plugin in production's pod: verified by the generated init container at every start, and never installed by the
 * gateway itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES, PLUGINS } from "../../src/tables/pins.ts";
import { runOrThrow, tool } from "../support/tools.ts";
import type { Json } from "../support/support.ts";
import { cli, cliJson } from "../support/runtime/gateway_cli.ts";
import { startWithoutDocker } from "../support/runtime/gateway_without_docker.ts";
import { type Network, network } from "../support/runtime/network.ts";
import { type NpmRegistry, npmRegistry } from "../support/runtime/npm_registry.ts";
import { overlay, withJson, withText } from "../support/runtime/objects.ts";
import type { Pod, PodOptions } from "../support/runtime/pod.ts";
import { podRuntime, scratch } from "../support/runtime/scratch.ts";
import { tempDir } from "../support/temp_dir.ts";

const STEP = "install-plugins";
/** The init container that installs the tools; tools_test.ts tests it, and here it could not succeed. */
const WITHOUT = ["install-tools"];
const { version, integrity } = PLUGINS.discord;
const PACKAGE = `@openclaw/discord@${version}`;
const VERIFIED = `discord ${version} is verified and installed`;
const LOADED = {
  version,
  status: "loaded",
  enabled: true,
  rootDir: "/home/node/.openclaw/npm/projects/openclaw-discord-c0892df945/node_modules/@openclaw/discord",
};

const given = await tool("the Discord plugin", async () => {
  await podRuntime(IMAGES.openclaw);
  // The production pod, with the trial's values instead of those from SSM.
  const secrets = (await overlay("kind")).filter(({ kind }) => kind === "Secret");
  return [...await overlay("prod", { discord: { allowFrom: ["123456789012345678"] } }), ...secrets];
});
const { ignore, value: objects } = given;

Deno.test({
  name: "the pinned integrity is npm's, and the archive bundles what the plugin loads",
  ignore,
  fn: async () => {
    const { stdout } = await runOrThrow("npm", ["view", PACKAGE, "dist.integrity"]);
    assert.equal(stdout.trim(), integrity);
    await using dir = await tempDir();
    await runOrThrow("npm", ["pack", "--silent", "--pack-destination", dir.path, PACKAGE]);
    await runOrThrow("tar", ["-C", dir.path, "-xzf", join(dir.path, `openclaw-discord-${version}.tgz`)]);
    const { dependencies } = JSON.parse(await dir.read("package/package.json"));
    assert.ok(Object.keys(dependencies).length > 5);
    for (const name of Object.keys(dependencies)) await Deno.stat(join(dir.path, "package/node_modules", name));
  },
});

Deno.test({
  name: "the init container verifies the Discord plugin at every start",
  ignore,
  fn: async (t) => {
    await using net = await network();
    await using folder = await scratch();
    const volume = join(folder.path, "volume");
    const kept = join(volume, ".openclaw-pack/archives/discord.tgz");

    await t.step("the first start downloads its archive, at the gateway's version, and nothing else", async () => {
      await using registry = await registryOf(net);
      await using pod = await start(net, volume, registry);
      assert.deepEqual(registry.requests.filter(notNpmItself), [`/@openclaw/discord/-/discord-${version}.tgz`]);
      assert.deepEqual(await plugin(pod), LOADED);
      const { code, stdout, stderr } = await cli(pod, ["config", "validate"]);
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stdout + stderr, /warn/i);
      const { code: written } = await pod.container("openclaw").exec(["touch", `${LOADED.rootDir}/package.json`]);
      assert.notEqual(written, 0, "the gateway can change its plugin");
      await pod.stop();
    });

    await t.step("the second start needs no network, and becomes ready although Discord is unreachable", async () => {
      // The same plugin where OpenClaw also looks for plugins, with code that would leave a file on the volume.
      for (const planted of [".openclaw/extensions/discord", "../workspaces/main/.openclaw/extensions/discord"]) {
        await plant(kept, join(volume, planted));
      }
      await using pod = await start(net, volume);
      assert.equal((await pod.logs(STEP)).trim(), VERIFIED);
      assert.match(await pod.logs("openclaw"), /starting provider/);
      assert.deepEqual(await plugin(pod), LOADED);
      await assert.rejects(Deno.stat(join(volume, "owned")), Deno.errors.NotFound);
      await pod.stop();
    });

    await t.step(
      "with a changed dependency it is not loaded: the gateway starts without Discord, and asks no registry",
      async () => {
        await changeDependency(kept);
        await using registry = await registryOf(net);
        await using pod = await start(net, volume, undefined, {
          env: {
            [STEP]: { npm_config_registry: "http://127.0.0.1:9/", PAUSE_MS: "1" },
            openclaw: { npm_config_registry: registry.url },
          },
        });
        const said = await pod.logs(STEP);
        assert.match(said, /discord\.tgz is not used: it has another checksum/);
        assert.match(said, /could not be verified and installed.*\n.*the assistant starts without Discord/);
        assert.doesNotMatch(await pod.logs("openclaw"), /starting provider/);
        assert.notEqual((await plugin(pod)).status, "loaded");
        assert.deepEqual(registry.requests, []);
        await assert.rejects(Deno.stat(join(volume, "owned")), Deno.errors.NotFound);
        await pod.stop();
      },
    );

    await t.step("the next start restores it, and Discord is back", async () => {
      await using registry = await registryOf(net);
      await using pod = await start(net, volume, registry);
      assert.equal(registry.requests.filter(notNpmItself).length, 1);
      assert.match(await pod.logs(STEP), new RegExp(`${VERIFIED}\\n$`));
      assert.match(await pod.logs("openclaw"), /starting provider/);
      assert.deepEqual(await plugin(pod), LOADED);
      await pod.stop();
    });

    await t.step("control: without the check the changed dependency would run in the gateway", async () => {
      await changeDependency(kept);
      await using pod = await start(net, volume, undefined, {
        objects: withText(objects, "archive.mjs", "if (found !== checksum)", "if (false)"),
      });
      assert.deepEqual(await plugin(pod), LOADED);
      assert.ok(await Deno.stat(join(volume, "owned")));
      await pod.stop();
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
      // With the plugin's path in it, the configuration would be invalid.
      objects: withJson(objects, "openclaw.json", ({ plugins: { load } }) => load.paths.shift()),
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

/** npm looks for a newer version of itself. */
const notNpmItself = (path: string) => path !== "/npm";

async function registryOf(net: Network): Promise<NpmRegistry> {
  return await npmRegistry(net.host, `npm-${PACKAGE.replaceAll("/", "-")}`);
}

/** Starts with a registry for only the init container, or without one. */
async function start(net: Network, volume: string, registry?: NpmRegistry, options: Partial<PodOptions> = {}) {
  return await startWithoutDocker({
    objects,
    network: net,
    claims: { "openclaw-data": volume, "openclaw-workspace": join(volume, "../workspaces") },
    without: WITHOUT,
    env: { [STEP]: { npm_config_registry: registry?.url ?? "http://127.0.0.1:9/" } },
    ...options,
  });
}

async function plugin(pod: Pod) {
  const { plugins } = await cliJson(pod, ["plugins", "list"]);
  const { version, status, enabled, rootDir } = plugins.find(({ id }: Json) => id === "discord") ?? {};
  return { version, status, enabled, rootDir };
}

/** Code that leaves a file on the volume when the gateway loads it. */
const OWNED = `require("node:fs").writeFileSync("/home/node/owned", "");\n`;

/** Unpacks the plugin into a folder, with the entry points of a dependency changed. */
async function plant(archive: string, folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await runOrThrow("tar", ["-C", folder, "--strip-components=1", "-xzf", archive]);
  const entry = join(folder, "node_modules/ws/index.js");
  for (const path of [entry, join(folder, "node_modules/ws/wrapper.mjs")]) {
    const text = await Deno.readTextFile(path);
    const planted = path === entry
      ? OWNED
      : `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\n${OWNED}`;
    await Deno.writeTextFile(path, planted + text);
  }
  await runOrThrow("chown", ["-R", "1000:1000", folder]);
}

/** Repacks the kept archive with a changed dependency. */
async function changeDependency(archive: string): Promise<void> {
  await using dir = await tempDir();
  await plant(archive, join(dir.path, "package"));
  await runOrThrow("tar", ["-C", dir.path, "-czf", archive, "package"]);
}
