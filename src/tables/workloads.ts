/**
 * The names of the workloads and the ports that they listen on.
 *
 * @module
 */

/** The workloads that a secret or a flow of pack.yaml may name. */
export const WORKLOAD_NAMES = ["openclaw", "litellm", "cloudflared", "sandbox"] as const;
/** Every workload. The backup sees the entire state, so pack.yaml can give it neither a secret nor a flow. */
export type WorkloadName = (typeof WORKLOAD_NAMES)[number] | "backup";

/** OpenClaw's own default, which the tunnel's ingress names */
export const GATEWAY_PORT = 18789;
/** LiteLLM's own default; the key proxy listens there, in front of LiteLLM. */
export const LITELLM_PORT = 4000;
/** Ports of LiteLLM's pod that no Service leads to. */
export const LITELLM_PORTS = {
  /** LiteLLM itself, on loopback. */
  litellm: 4001,
  /** The key proxy's probes, for the kubelet. */
  probes: 4002,
  /** The key proxy's way to Anthropic, on loopback. */
  anthropic: 4003,
} as const;
/** cloudflared's metrics and `/ready`; only the kubelet asks there. */
export const CLOUDFLARED_METRICS_PORT = 2000;
/** An unprivileged sshd cannot take 22. */
export const SANDBOX_PORT = 2222;

/** A container with its own secrets, separate from those of its pod's workload. */
export const KEY_PROXY = "key-proxy";

/** Who reads secrets: a workload, or the key proxy in LiteLLM's pod. */
export type ReaderName = WorkloadName | typeof KEY_PROXY;
