/**
 * openclaw.json (requirement B4), for the schema of the pinned version. Features that are not needed are off. `openclaw config
 * validate` accepts every setting, and `openclaw security audit` has no finding of its own on them
 * but those that tests/integration/openclaw_validator_test.ts accepts by name.
 *
 * @module
 */

import { type Model, workloadOf } from "../../model/model.ts";
import { toMebibytes } from "../../values/quantity.ts";
import { serviceHost } from "../../model/workloads.ts";
import { jsonText } from "../../output/text.ts";
import { DISCORD_PLUGIN_DIR, ELEVATION_DIR, SSH_CLIENT_DIR, WORKSPACE_DIR } from "../../tables/paths.ts";
import { channels } from "./channels.ts";
import { elevatedPeople, ELEVATION } from "./elevation.ts";
import { fromEnv } from "./secret_ref.ts";
import { SKILLS } from "./workspace.ts";
import { GATEWAY_PORT, SANDBOX_PORT, SANDBOX_USER } from "../../tables/workloads.ts";

/** Settings that differ between production and a trial. */
export interface OpenClawOptions {
  /** Whether Discord is on if pack.yaml enables it; a trial has no bot. Default true. */
  readonly discord?: boolean;
  /** Allowed origins of the web UI. Default: only the public host name. */
  readonly allowedOrigins?: readonly string[];
}

/** Returns the text of openclaw.json. */
export function openclawConfig(model: Model, options: OpenClawOptions = {}): string {
  const { config } = model;
  const discord = config.discord.enabled && (options.discord ?? true);
  return jsonText({
    gateway: gateway(model, options.allowedOrigins ?? [`https://${config.hostname}`]),
    models: models(model),
    agents: { defaults: agent(model) },
    tools: tools(model, discord),
    commands: commands(model, discord),
    // Keeps each person's direct messages out of other people's context.
    session: { dmScope: "per-channel-peer" },
    channels: channels(model, discord),
    plugins: {
      allow: [...(discord ? ["discord"] : []), ELEVATION, "litellm"],
      // These paths come before every other place where OpenClaw looks for plugins, so nothing on the volume replaces them.
      load: { paths: [...(discord ? [DISCORD_PLUGIN_DIR] : []), ELEVATION_DIR] },
      slots: { memory: "none" },
      entries: { ...(discord ? { discord: { enabled: true } } : {}), [ELEVATION]: { enabled: true } },
    },
    skills: {
      load: { watch: false },
      install: { allowUploadedArchives: false },
      workshop: { autonomous: { mode: "off" }, approvalPolicy: "pending" },
    },
    browser: { enabled: false },
    // Memory search would send the workspace to OpenAI for embeddings.
    memory: { search: { enabled: false } },
    hooks: { enabled: false, internal: { enabled: false } },
    cron: { triggers: { enabled: false } },
    env: { shellEnv: { enabled: false } },
    telemetry: { enabled: false },
    // The log file and five older ones are in /tmp, in memory, by default up to 600 MB. A client's first frame is logged
    // entirely.
    logging: { level: "info", consoleLevel: "info", consoleStyle: "json", maxFileBytes: 4_000_000 },
    // Only the image's tag changes the version.
    update: { checkOnStart: false, auto: { enabled: false } },
    discovery: { mdns: { mode: "off" } },
  });
}

function gateway({ config }: Model, allowedOrigins: readonly string[]) {
  const rateLimit = { maxAttempts: 10, windowMs: 60_000, lockoutMs: 300_000 };
  const auth = config.gateway.auth === "token"
    ? { mode: "token", token: fromEnv("OPENCLAW_GATEWAY_TOKEN"), rateLimit }
    : {
      mode: "trusted-proxy",
      rateLimit,
      trustedProxy: {
        userHeader: "cf-access-authenticated-user-email",
        requiredHeaders: ["cf-access-jwt-assertion"],
        ...(config.gateway.accessUsers.length === 0 ? {} : { allowUsers: config.gateway.accessUsers }),
      },
    };
  return {
    mode: "local",
    bind: "lan",
    port: GATEWAY_PORT,
    auth,
    // cloudflared has an address of this network; the policies block all other pods in it.
    trustedProxies: config.cluster.podCidrs,
    controlUi: {
      enabled: true,
      allowedOrigins,
      communityInvite: false,
      automaticallyFetchFavicons: false,
      sessionObserver: false,
    },
    terminal: { enabled: false },
    cliAgents: { enabled: false },
    nodes: {
      browser: { mode: "off" },
      pairing: { sshVerify: false },
      pluginTools: { enabled: false },
      allowSkills: false,
    },
    tools: { deny: ["gateway", "nodes"] },
    tailscale: { mode: "off" },
    // A changed ConfigMap restarts the pod; nothing else may change the file.
    reload: { mode: "off" },
    http: { endpoints: { chatCompletions: { enabled: false }, responses: { enabled: false } } },
  };
}

function models(model: Model) {
  const { litellm } = model.deployed;
  return {
    // Only these providers, because OpenClaw's built-in ones would need keys.
    mode: "replace",
    catalogRefresh: { enabled: false },
    providers: {
      litellm: {
        baseUrl: `http://${serviceHost(litellm)}:${litellm.port}/v1`,
        apiKey: fromEnv("LITELLM_PROXY_KEY"),
        api: "openai-completions",
        request: { allowPrivateNetwork: true },
        models: model.config.models.list.map(({ id, name, reasoning, contextWindow, maxTokens }) => ({
          id,
          name,
          reasoning,
          input: ["text", "image"],
          contextWindow,
          maxTokens,
        })),
      },
    },
  };
}

function agent(model: Model) {
  const names = model.config.models.list.map(({ id }) => `litellm/${id}`);
  const [primary, ...fallbacks] = names;
  return {
    workspace: WORKSPACE_DIR,
    // SOUL.md and the skills come from Git, not from a first conversation.
    skipBootstrap: true,
    model: { primary, fallbacks },
    models: Object.fromEntries(model.config.models.list.map(({ id, alias }) => [`litellm/${id}`, { alias }])),
    modelPolicy: { allow: names },
    // The assistant never sends the first message.
    heartbeat: { every: "0m" },
    elevatedDefault: "off",
    skills: SKILLS,
    sandbox: sandbox(model),
  };
}

function sandbox(model: Model) {
  const { config } = model;
  const common = {
    mode: "all",
    backend: config.sandbox.backend,
    scope: "agent",
    workspaceAccess: "rw",
    sessionToolsVisibility: "spawned",
    browser: { enabled: false },
  };
  if (config.sandbox.backend === "ssh") {
    const host = serviceHost(workloadOf(model, "sandbox"));
    return {
      ...common,
      ssh: {
        target: `sandbox@${host}:${SANDBOX_PORT}`,
        workspaceRoot: "/sandboxes",
        identityFile: `${SSH_CLIENT_DIR}/id_ed25519`,
        knownHostsFile: `${SSH_CLIENT_DIR}/known_hosts`,
        strictHostKeyChecking: true,
        updateHostKeys: false,
      },
    };
  }
  const mebibytes = toMebibytes(config.sandbox.memory);
  const memory = `${mebibytes}m`;
  // Files in a tmpfs count as the sandbox's memory, and stay when a process is killed for lack of memory. Without a size limit,
  // one large file in /tmp made every later command of the sandbox fail.
  const tmpfs = { "/tmp": mebibytes / 4, "/var/tmp": mebibytes / 8, "/run": mebibytes / 64 };
  return {
    ...common,
    // Docker sets no limits by default.
    docker: {
      image: model.sandboxImage,
      network: "bridge",
      user: SANDBOX_USER,
      readOnlyRoot: true,
      tmpfs: Object.entries(tmpfs).map(([path, size]) => `${path}:size=${Math.ceil(size)}m`),
      capDrop: ["ALL"],
      memory,
      // The same value as `memory`, so no swap is added.
      memorySwap: memory,
      pidsLimit: config.sandbox.pids,
      cpus: config.sandbox.cpus,
    },
  };
}

function tools({ config }: Model, discord: boolean) {
  const elevated = discord ? elevatedPeople(config) : [];
  return {
    deny: [
      ...["gateway", "nodes", "computer", "browser", "canvas", "terminal", "screen", "cron", "openclaw"],
      // It would type into a program that somebody has allowed to run.
      ...(elevated.length > 0 ? ["process"] : []),
    ],
    fs: { workspaceOnly: true },
    // Commands in the sandbox need no approval; every command outside it does. A directive in a message overrides this setting, so
    // the approvals document, which is OpenClaw's lower bound, repeats it (elevation.ts).
    exec: { host: "auto", security: "allowlist", ask: "always" },
    sessions: { visibility: "agent" },
    agentToAgent: { enabled: false },
    message: { crossContext: { allowAcrossProviders: false } },
    // An elevated command runs next to the gateway, with its secrets.
    elevated: { enabled: elevated.length > 0, allowFrom: { discord: elevated } },
  };
}

function commands({ config }: Model, discord: boolean) {
  const talking = discord ? config.discord.allowFrom : [];
  return {
    bash: false,
    config: false,
    mcp: false,
    plugins: false,
    debug: false,
    restart: false,
    ownerAllowFrom: (discord ? elevatedPeople(config) : []).map((id) => `discord:${id}`),
    allowFrom: { discord: talking },
  };
}
