/**
 * The names of the workloads and the ports that they listen on.
 *
 * @module
 */

/** The workloads that a secret or a flow in pack.yaml may name. */
export const WORKLOAD_NAMES = ["openclaw", "litellm", "cloudflared", "sandbox"] as const;
/** Every workload. The backup sees the entire state, so pack.yaml can give it neither a secret nor a flow. */
export type WorkloadName = (typeof WORKLOAD_NAMES)[number] | "backup";

/** OpenClaw's default port, which the tunnel's ingress names. */
export const GATEWAY_PORT = 18789;
/** LiteLLM's default port; the key proxy listens on it, in front of LiteLLM. */
export const LITELLM_PORT = 4000;
/** Ports of LiteLLM's pod that no Service exposes. */
export const LITELLM_PORTS = {
  /** LiteLLM itself, on loopback. */
  litellm: 4001,
  /** The key proxy's probes, for the kubelet. */
  probes: 4002,
  /** The key proxy's port for requests to Anthropic, on loopback. */
  anthropic: 4003,
} as const;
/** cloudflared's metrics and `/ready`; only the kubelet connects to it. */
export const CLOUDFLARED_METRICS_PORT = 2000;
/** The sandbox's sshd; an unprivileged process cannot bind port 22. */
export const SANDBOX_PORT = 2222;

/**
 * The user of a docker sandbox. It is not the gateway's, so that a sandbox can neither change the files that the gateway installs in
 * the workspace nor make git, which trusts only its own user's repositories, run a program in the gateway's container.
 */
export const SANDBOX_UID = 1001;
/** This user and its group, as `docker run --user` takes them. */
export const SANDBOX_USER = `${SANDBOX_UID}:${SANDBOX_UID}`;

/** The key proxy's container, whose secrets are separate from those of its pod's workload. */
export const KEY_PROXY = "key-proxy";

/** A reader of secrets: a workload, or the key proxy in LiteLLM's pod. */
export type ReaderName = WorkloadName | typeof KEY_PROXY;
