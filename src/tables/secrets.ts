/**
 * The built-in secrets and who reads each of them. The SSM parameters, the ExternalSecrets, the environment of every container
 * and the fake store are generated from this table.
 *
 * @module
 */

import { ANTHROPIC_KEY, FILE, LINE, LITELLM_KEY, type SecretFormat } from "../values/secret_format.ts";
import type { ReaderName } from "./workloads.ts";

/** What pack.yaml must say for a secret to exist or to be read; src/model/conditions.ts evaluates it. */
export type Condition =
  | "gateway.auth: token"
  | "gateway.auth: cloudflare-access"
  | "discord.enabled"
  | "sandbox.backend: ssh"
  | "backup.s3";

/** One reader's use of a secret. */
export interface SecretReader {
  /** The container that reads it. */
  readonly reader: ReaderName;
  /** When it reads it; default always. A parameter without a reader stays in SSM: Terraform must not delete it. */
  readonly when?: Condition;
  /** Environment variables that hold it. */
  readonly env: readonly string[];
  /** The file that holds it, for programs that read it only from a file. */
  readonly file?: string;
}

/** How a person obtains the value: a `line` to paste, a `file` to store unchanged, or a `random` value that is generated. */
export interface SecretSource {
  /** How the value is obtained. */
  readonly kind: "line" | "file" | "random";
  /** Where a person obtains it. */
  readonly where: string;
}

/** One row of the table. */
export interface SecretRow {
  /** Last part of the parameter's name. */
  readonly name: string;
  /** When the secret exists; default always. */
  readonly when?: Condition;
  /** The parameter's description. */
  readonly description: string;
  /** Who reads it, and how. */
  readonly readers: readonly SecretReader[];
  /** How a person obtains the value. */
  readonly source: SecretSource;
  /** What its value must look like. */
  readonly format: SecretFormat;
  /** Who stores the value in SSM; default a person, with `deno task ssm`. */
  readonly setBy?: "terraform";
  /** Name of the Terraform resource `aws_ssm_parameter.<resource>`; default the secret's name in lower case. */
  readonly resource?: string;
}

/** As many digits as `openssl rand -hex 32` prints. */
const RANDOM = { kind: "random", where: "64 random hexadecimal digits" } as const;
/** A line that a person pastes. */
export const line = (where: string) => ({ kind: "line", where }) as const;
const file = (where: string) => ({ kind: "file", where }) as const;

/** Every secret of the pack, in the order of the Terraform files. The descriptions are those in arch. */
export const SECRETS = [
  {
    name: "ANTHROPIC_API_KEY",
    description: "Anthropic API Key for LiteLLM proxy (OpenClaw LLM provider)",
    source: line("Anthropic's console"),
    format: ANTHROPIC_KEY,
    // Only the key proxy reads it. LiteLLM reads its own parameters from request bodies, so a request could make it send the
    // key elsewhere.
    readers: [{ reader: "key-proxy", env: ["ANTHROPIC_API_KEY"] }],
  },
  {
    name: "DISCORD_BOT_TOKEN",
    description: "Discord Bot Token for OpenClaw",
    source: line("Discord's developer portal: a new application, its bot, with the Message Content intent"),
    format: LINE,
    // A bot token makes OpenClaw download the Discord plugin.
    readers: [{ reader: "openclaw", when: "discord.enabled", env: ["DISCORD_BOT_TOKEN"] }],
  },
  {
    name: "OPENCLAW_GATEWAY_TOKEN",
    description: "Gateway authentication token for OpenClaw",
    source: RANDOM,
    format: LINE,
    // With a trusted proxy OpenClaw refuses tokens. Its clients in the pod (`openclaw agent`, `openclaw devices approve`, the
    // agent's own session tools) do not connect through the proxy and would be refused too. For them the same value is a
    // password, which OpenClaw accepts only from loopback.
    readers: [
      { reader: "openclaw", when: "gateway.auth: token", env: ["OPENCLAW_GATEWAY_TOKEN"] },
      { reader: "openclaw", when: "gateway.auth: cloudflare-access", env: ["OPENCLAW_GATEWAY_PASSWORD"] },
    ],
  },
  {
    name: "LITELLM_MASTER_KEY",
    description: "LiteLLM master key for administration",
    source: RANDOM,
    format: LITELLM_KEY,
    readers: [{ reader: "litellm", env: ["LITELLM_MASTER_KEY"] }],
  },
  {
    name: "LITELLM_PROXY_KEY",
    description: "LiteLLM proxy key for inference requests",
    source: RANDOM,
    format: { ...LITELLM_KEY, differsFrom: "LITELLM_MASTER_KEY" },
    // The gateway presents it. The key proxy checks it before LiteLLM reads a body, and LiteLLM's auth module checks it again.
    readers: [
      { reader: "openclaw", env: ["LITELLM_PROXY_KEY"] },
      { reader: "key-proxy", env: ["LITELLM_PROXY_KEY"] },
      { reader: "litellm", env: ["LITELLM_PROXY_KEY"] },
    ],
  },
  {
    name: "GITHUB_TOKEN",
    description: "GitHub PAT for OpenClaw",
    source: line(
      "GitHub: a fine-grained token for only the two repositories; Contents and Pull requests read and write, Metadata read",
    ),
    format: LINE,
    // gh reads GH_TOKEN first; git credential helpers and other tools read GITHUB_TOKEN.
    readers: [{ reader: "openclaw", env: ["GITHUB_TOKEN", "GH_TOKEN"] }],
  },
  {
    name: "OPENAI_API_KEY",
    description: "OpenAI API Key for Codex CLI",
    source: line("OpenAI's console"),
    format: LINE,
    // In `codex exec`, Codex CLI ignores OPENAI_API_KEY and reads CODEX_API_KEY.
    readers: [{ reader: "openclaw", env: ["OPENAI_API_KEY", "CODEX_API_KEY"] }],
  },
  // The two key pairs of the ssh sandbox. Each private key stays in its pod: the gateway's, and the sandbox's.
  {
    name: "SANDBOX_SSH_CLIENT_KEY",
    when: "sandbox.backend: ssh",
    description: "Private key with which the gateway enters the sandbox (ssh-keygen -t ed25519)",
    source: file('the file client of: ssh-keygen -t ed25519 -N "" -f client'),
    format: FILE,
    readers: [{ reader: "openclaw", env: [], file: "id_ed25519" }],
  },
  {
    name: "SANDBOX_SSH_KNOWN_HOSTS",
    when: "sandbox.backend: ssh",
    description: "known_hosts line with the public host key of the sandbox",
    source: file("one line: the sandbox's address and the first two words of host.pub (docs/deploy.md)"),
    format: FILE,
    readers: [{ reader: "openclaw", env: [], file: "known_hosts" }],
  },
  {
    name: "SANDBOX_SSH_HOST_KEY",
    when: "sandbox.backend: ssh",
    description: "Private host key of the sandbox (ssh-keygen -t ed25519)",
    source: file('the file host of: ssh-keygen -t ed25519 -N "" -f host'),
    format: FILE,
    readers: [{ reader: "sandbox", env: [], file: "ssh_host_ed25519_key" }],
  },
  {
    name: "SANDBOX_SSH_AUTHORIZED_KEYS",
    when: "sandbox.backend: ssh",
    description: "authorized_keys line with restrict,pty and the public key of the gateway",
    source: file("one line: restrict,pty and the line of client.pub"),
    format: FILE,
    readers: [{ reader: "sandbox", env: [], file: "authorized_keys" }],
  },
  // A key that may only put archives into the bucket. The gateway, which the assistant controls, does not have it.
  {
    name: "BACKUP_AWS_ACCESS_KEY_ID",
    when: "backup.s3",
    description: "Access key of the IAM user that may put backups of OpenClaw into S3",
    source: line("AWS: an IAM user with only ListBucket and PutObject on the bucket"),
    format: LINE,
    readers: [{ reader: "backup", env: ["AWS_ACCESS_KEY_ID"] }],
  },
  {
    name: "BACKUP_AWS_SECRET_ACCESS_KEY",
    when: "backup.s3",
    description: "Secret access key of the IAM user that may put backups of OpenClaw into S3",
    source: line("AWS: shown once, with the access key"),
    format: LINE,
    readers: [{ reader: "backup", env: ["AWS_SECRET_ACCESS_KEY"] }],
  },
  {
    name: "tunnel-token",
    description: "for openclaw tunnel token",
    source: { kind: "random", where: "Terraform" },
    format: LINE,
    // It belongs to the tunnel that Terraform creates.
    setBy: "terraform",
    resource: "openclaw_tunnel_token",
    readers: [{ reader: "cloudflared", env: ["TUNNEL_TOKEN"] }],
  },
] as const satisfies readonly SecretRow[];

/** Name of a secret of the pack; pack.yaml's own rows may not take it. */
export type SecretName = (typeof SECRETS)[number]["name"];

/** An environment variable that holds a secret of the pack for a reader. */
export type SecretEnv<R extends ReaderName> = Extract<
  (typeof SECRETS)[number]["readers"][number],
  { readonly reader: R }
>["env"][number];

/** Returns the key in a Kubernetes Secret: the parameter's name in capitals, with underscores. */
export function secretKey(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
