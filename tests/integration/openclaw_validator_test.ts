/**
 * Runs OpenClaw's own validator and security audit on each openclaw.json that the pack can generate.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { generate, type PackInput, readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { elevationFiles } from "../../src/generate/openclaw/elevation.ts";
import { pluginsTable } from "../../src/generate/openclaw/tools.ts";
import { DISCORD_PLUGIN_DIR, ELEVATION_DIR, STATE_DIR } from "../../src/tables/paths.ts";
import { IMAGES } from "../../src/tables/pins.ts";
import { imageVersion } from "../../src/values/image_reference.ts";
import { exec, installed, keyOf, type OpenClaw, openclaw, runOrThrow, tool } from "../support/tools.ts";

const VERSION = imageVersion(IMAGES.openclaw);
const PROD = "kustomize/base/config/openclaw-config/openclaw.json";
const TRIAL = "kustomize/overlays/trial/config/openclaw-config/openclaw.json";
const PEOPLE = ["123456789012345678"];
const OWNER = { discord: { allowFrom: PEOPLE, elevated: PEOPLE } };

/** The finding wherever the Discord plugin is installed. */
const UNRECORDED = "warn plugins.installs_missing_integrity";

/** Accepted findings of the audit, with reasons. */
const ACCEPTED: Readonly<Record<string, string>> = {
  "critical gateway.trusted_proxy_auth":
    "always critical in this mode; the NetworkPolicy ensures that only the proxy reaches the port",
  [UNRECORDED]: "only `openclaw plugins install` records it; install-plugins.sh checks the integrity at every start",
};

interface Case {
  readonly name: string;
  readonly pack: PackInput;
  readonly path: string;
  readonly accepted?: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "the default", pack: {}, path: PROD },
  { name: "one Discord user", pack: OWNER, path: PROD },
  { name: "a Discord user who only talks", pack: { discord: { allowFrom: PEOPLE } }, path: PROD },
  { name: "the local trial", pack: {}, path: TRIAL },
  {
    name: "the ssh sandbox",
    pack: { ...OWNER, sandbox: { backend: "ssh", image: "registry.example.com/openclaw-sandbox-ssh:1.0.0" } },
    path: PROD,
  },
  {
    name: "Cloudflare Access",
    pack: { ...OWNER, gateway: { auth: "cloudflare-access", accessUsers: ["owner@example.com"] } },
    path: PROD,
    accepted: ["critical gateway.trusted_proxy_auth"],
  },
];

const app = await tool(`OpenClaw ${VERSION}`, async () => {
  const app = await openclaw(VERSION);
  return { ...app, state: await stateWithPlugin(app) };
});

for (const { name, pack, path, accepted = [] } of CASES) {
  Deno.test({
    name: `OpenClaw accepts openclaw.json: ${name}`,
    ignore: app.ignore,
    fn: async () => {
      const text = await generated(pack, path);
      await withConfig(text, async (config) => {
        const validated = await run(["config", "validate"], config, pack);
        assert.equal(validated.code, 0, validated.stderr);
        assert.doesNotMatch(validated.stdout + validated.stderr, /warning/i);
        const known = [...accepted, UNRECORDED];
        assert.deepEqual(await audit(config, pack), known.toSorted());
        for (const id of known) assert.ok(ACCEPTED[id]);
      });
    },
  });
}

Deno.test({
  name: "OpenClaw refuses an unknown field, a wrong value and an open gateway",
  ignore: app.ignore,
  fn: async () => {
    const text = await generated({}, PROD);
    const broken = {
      "unknown field": text.replace('"scope": "agent"', '"scoop": "agent"'),
      "wrong value": text.replace('"api": "openai-completions"', '"api": "openai-chat"'),
    };
    for (const [what, wrong] of Object.entries(broken)) {
      assert.notEqual(wrong, text);
      await withConfig(
        wrong,
        async (config) => assert.notEqual((await run(["config", "validate"], config, {})).code, 0, what),
      );
    }
    const open = text.replace(/"allowedOrigins": \[[^\]]*\]/, '"allowedOrigins": []').replace(
      /,\s*"rateLimit": \{[^}]*\}/,
      "",
    );
    assert.notEqual(open, text);
    await withConfig(open, async (config) => assert.notDeepEqual(await audit(config, {}), [UNRECORDED]));
  },
});

async function generated(pack: PackInput, path: string): Promise<string> {
  const files = await generate(readPack(stringify(pack)).config);
  const file = files.find((candidate) => candidate.path === path);
  assert.ok(file, path);
  return file.text;
}

/** A state folder with the Discord plugin, installed by the generated init container. */
async function stateWithPlugin({ node, app }: OpenClaw): Promise<string> {
  const init = join(Deno.cwd(), "src/generate/openclaw/init");
  const script = join(init, "install-plugins.sh");
  const scripts = ["install-plugins.sh", "install-archives.sh", "archive.mjs"].map((name) =>
    Deno.readTextFile(join(init, name))
  );
  const key = await keyOf([VERSION, ...await Promise.all(scripts)]);
  return await installed(`openclaw-verified-plugins-${key}`, async (folder) => {
    const [table, npm] = [join(folder, "plugins.txt"), join(folder, "npm")];
    await Deno.writeTextFile(table, pluginsTable(readPack("").config));
    await Deno.mkdir(npm);
    await runOrThrow("sh", [script, table, npm], {
      env: {
        PATH: `${join(node, "..")}:${Deno.env.get("PATH")}`,
        HOME: folder,
        ARCHIVES_DIR: join(folder, "cache/archives"),
        MOUNT_POINT: join(folder, "cache/mount-point"),
        npm_config_cache: join(folder, "cache/npm"),
      },
    });
    // In the image, OpenClaw is in /app.
    const link = join(pluginIn(folder), "node_modules/openclaw");
    await Deno.remove(link);
    await Deno.symlink(app, link);
    await Deno.chmod(folder, 0o700);
  }, "in place");
}

/** Returns the plugin's folder in a state folder. */
function pluginIn(state: string): string {
  return DISCORD_PLUGIN_DIR.replace(STATE_DIR, state);
}

/** Writes the configuration as the init container does: owned by the gateway and readable only by it. */
async function withConfig(text: string, use: (config: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    // The policy that it names, as its ConfigMap has it.
    const policy = join(folder, "elevation");
    await Deno.mkdir(policy);
    for (const [name, content] of Object.entries(elevationFiles(readPack("").config))) {
      await Deno.writeTextFile(join(policy, name), content);
    }
    const config = join(folder, "openclaw.json");
    await Deno.writeTextFile(
      config,
      text.replace(ELEVATION_DIR, policy).replace(DISCORD_PLUGIN_DIR, pluginIn(app.value.state)),
      { mode: 0o600 },
    );
    await use(config);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(args: readonly string[], config: string, { gateway }: PackInput) {
  // Long and random-looking, as the audit requires of a token, but not used anywhere.
  const token = gateway?.auth === "cloudflare-access"
    ? {}
    : { OPENCLAW_GATEWAY_TOKEN: "Zq8vT3mKx1Rb7LwYc5NdHs2JfPgA9uEo4iXk6BtQ" };
  return await exec(app.value.node, ["openclaw.mjs", ...args], {
    cwd: app.value.app,
    clearEnv: true,
    env: {
      PATH: "/usr/bin:/bin",
      HOME: app.value.state,
      OPENCLAW_STATE_DIR: app.value.state,
      OPENCLAW_CONFIG_PATH: config,
      OPENCLAW_CONFIG_READONLY: "1",
      OPENCLAW_NO_AUTO_UPDATE: "1",
      DISCORD_BOT_TOKEN: "fake-discord-bot-token",
      LITELLM_PROXY_KEY: "fake-litellm-proxy-key",
      ...token,
    },
  });
}

interface Finding {
  readonly checkId: string;
  readonly severity: string;
}

/** Returns the findings above the level of information, as `severity checkId`. */
async function audit(config: string, pack: PackInput): Promise<string[]> {
  const { stdout } = await run(["security", "audit", "--json"], config, pack);
  const { findings } = JSON.parse(stdout.slice(stdout.indexOf("{\n"))) as { findings: Finding[] };
  return findings.filter(({ severity }) => severity !== "info").map(({ severity, checkId }) => `${severity} ${checkId}`)
    .toSorted();
}
