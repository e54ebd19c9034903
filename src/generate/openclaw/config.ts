/**
 * openclaw.json (requirement B4), on the schema of the pinned version. What is not needed is off: every switch here was validated by
 * `openclaw config validate`, and the whole by `openclaw security audit` with no critical finding and no warning.
 *
 * @module
 */

import { type Model, workloadOf } from "../../model/model.ts";
import { toMebibytes } from "../../values/quantity.ts";
import { serviceHost } from "../../model/workloads.ts";
import { jsonText } from "../../output/text.ts";
import { ELEVATION_DIR, SSH_CLIENT_DIR, STATE_DIR } from "../../tables/paths.ts";
import { channels } from "./channels.ts";
import { elevatedPeople, ELEVATION } from "./elevation.ts";
import { fromEnv } from "./secret_ref.ts";
import { SKILLS } from "./workspace.ts";
import { GATEWAY_PORT, SANDBOX_PORT } from "../../tables/workloads.ts";

/** What differs between production and a trial. */
export interface OpenClawOptions {
  /** Whether Discord is on, where pack.yaml wants it: a trial has no bot. Default true. */
  readonly discord?: boolean;
  /** Origins that the web UI may come from. Default: the public host name alone. */
  readonly allowedOrigins?: readonly string[];
}

/** The text of openclaw.json. */
export function openclawConfig(model: Model, options: OpenClawOptions = {}): string {
  const { config } = model;
  const discord = config.discord.enabled && (options.discord ?? true);
  return jsonText({
    gateway: gateway(model, options.allowedOrigins ?? [`https://${config.hostname}`]),
    models: models(model),
    agents: { defaults: agent(model) },
    tools: tools(model, discord),
    commands: commands(model, discord),
    // One person's direct messages are not in another's context.
    session: { dmScope: "per-channel-peer" },
    channels: channels(model, discord),
    plugins: {
      allow: [...(discord ? ["discord"] : []), ELEVATION, "litellm"],
      load: { paths: [ELEVATION_DIR] },
      slots: { memory: "none" },
      entries: { ...(discord ? { discord: { enabled: true } } : {}), [ELEVATION]: { enabled: true } },
    },
    skills: {
      load: { watch: false },
      install: { allowUploadedArchives: false },
      workshop: { autonomous: { mode: "off" }, approvalPolicy: "pending" },
    },
    browser: { enabled: false },
    // It would send the workspace to OpenAI for embeddings.
    memory: { search: { enabled: false } },
    hooks: { enabled: false, internal: { enabled: false } },
    cron: { triggers: { enabled: false } },
    env: { shellEnv: { enabled: false } },
    telemetry: { enabled: false },
    // The file lies in /tmp, in memory, and five older ones beside it: by default 600 MB. A client's first frame is logged whole.
    logging: { level: "info", consoleLevel: "info", consoleStyle: "json", maxFileBytes: 4_000_000 },
    // The image's tag is the only way to another version.
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
    // cloudflared's address is a pod's; the policies let nobody else of that network in.
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
    // Only these: no provider of OpenClaw's own that would want a key.
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
    workspace: `${STATE_DIR}/workspace`,
    // SOUL.md and the skills come from Git, not from a first conversation.
    skipBootstrap: true,
    model: { primary, fallbacks },
    models: Object.fromEntries(model.config.models.list.map(({ id, alias }) => [`litellm/${id}`, { alias }])),
    modelPolicy: { allow: names },
    // The assistant writes to nobody who has not written first.
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
  // What lies in them counts as the sandbox's memory, and stays when a process is killed for want of it: without a bound of
  // their own one large file in /tmp ended every later command of the sandbox too.
  const tmpfs = { "/tmp": mebibytes / 4, "/var/tmp": mebibytes / 8, "/run": mebibytes / 64 };
  return {
    ...common,
    // Docker sets no limit by itself.
    docker: {
      image: model.sandboxImage,
      network: "bridge",
      user: "1000:1000",
      readOnlyRoot: true,
      tmpfs: Object.entries(tmpfs).map(([path, size]) => `${path}:size=${Math.ceil(size)}m`),
      capDrop: ["ALL"],
      memory,
      // The same value: no swap on top.
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
    // Commands in the sandbox are asked for by nobody; outside of it each one is. A directive in a message overrides this, so the
    // approvals document says the same, which OpenClaw takes as a lower bound: see elevation.ts.
    exec: { host: "auto", security: "allowlist", ask: "always" },
    sessions: { visibility: "agent" },
    agentToAgent: { enabled: false },
    message: { crossContext: { allowAcrossProviders: false } },
    // An elevated command runs beside the gateway, with its secrets.
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
