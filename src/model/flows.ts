/**
 * The allowed connections, from which every NetworkPolicy is generated. Any other connection is refused.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import { meets } from "./conditions.ts";
import { GATEWAY_PORT, LITELLM_PORT, SANDBOX_PORT, type WorkloadName } from "../tables/workloads.ts";

/** Pods of a namespace that this pack does not create. */
export interface ForeignPods {
  /** Their namespace. */
  readonly namespace: string;
  /** Labels that all of them have. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The target of a flow. `dns` is the cluster's resolver; `internet` is every address that is not private. */
export type Target =
  | { readonly kind: "workload"; readonly workload: WorkloadName }
  | { readonly kind: "pods"; readonly pods: ForeignPods }
  | { readonly kind: "dns" }
  | { readonly kind: "internet" };

/** A port with its transport. */
export interface Port {
  /** Its transport. */
  readonly protocol: "TCP" | "UDP";
  /** Its number. */
  readonly port: number;
}

/** One allowed connection. */
export interface Flow {
  /** Who opens the connection. */
  readonly from: WorkloadName;
  /** Who accepts it. */
  readonly to: Target;
  /** The ports that it may use. */
  readonly ports: readonly Port[];
  /** The reason, which becomes the comment of the policy's rule. */
  readonly why: string;
}

const tcp = (...ports: number[]): Port[] => ports.map((port) => ({ protocol: "TCP", port }));
const udp = (...ports: number[]): Port[] => ports.map((port) => ({ protocol: "UDP", port }));
const workload = (name: WorkloadName): Target => ({ kind: "workload", workload: name });
const internet: Target = { kind: "internet" };

const DNS_PORTS = [...udp(53), ...tcp(53)];

/** Returns the flows of the workloads, those that the sandbox needs, and the rows of pack.yaml. */
export function flows(config: PackConfig): Flow[] {
  const names: WorkloadName[] = ["cloudflared", "openclaw", "litellm"];
  const rows: Flow[] = [
    {
      from: "cloudflared",
      to: workload("openclaw"),
      ports: tcp(GATEWAY_PORT),
      why: "forwards the tunnel's requests",
    },
    {
      from: "cloudflared",
      to: internet,
      // 7844 is the tunnel itself, over QUIC or HTTP/2; 443 is its control plane.
      ports: [...tcp(443, 7844), ...udp(7844)],
      why: "keeps the tunnel to Cloudflare's edge open",
    },
    { from: "openclaw", to: workload("litellm"), ports: tcp(LITELLM_PORT), why: "asks the models" },
    { from: "litellm", to: internet, ports: tcp(443), why: "asks Anthropic" },
    ...sandboxFlows(config),
    // Without S3 the backup needs no connection.
    ...(meets(config, "backup.s3")
      ? [{ from: "backup", to: internet, ports: tcp(443), why: "copies archives to S3" } as const]
      : []),
    ...config.flows.map(({ from, to, port, protocol, why }): Flow => ({
      from,
      to: {
        kind: "pods",
        pods: { namespace: to.namespace, labels: to.labels ?? { "app.kubernetes.io/name": to.name ?? "" } },
      },
      ports: [{ protocol, port }],
      why,
    })),
  ];
  const resolving: WorkloadName[] = [
    ...names,
    ...(config.sandbox.backend === "ssh" ? ["sandbox" as const] : []),
    ...(meets(config, "backup.s3") ? ["backup" as const] : []),
  ];
  return [
    ...resolving.map((from): Flow => ({ from, to: { kind: "dns" }, ports: DNS_PORTS, why: "resolves names" })),
    ...rows,
  ];
}

function sandboxFlows({ sandbox }: PackConfig): Flow[] {
  // apt needs port 80 inside the sandbox (lolice #380).
  if (sandbox.backend === "docker") {
    return [{
      from: "openclaw",
      to: internet,
      ports: tcp(443, 80),
      why: "reaches Discord and GitHub; the sandbox reaches the web, and apt on port 80, through the same pod",
    }];
  }
  return [
    { from: "openclaw", to: internet, ports: tcp(443), why: "reaches Discord and GitHub" },
    { from: "openclaw", to: workload("sandbox"), ports: tcp(SANDBOX_PORT), why: "runs the agent's commands" },
    { from: "sandbox", to: internet, ports: tcp(443, 80), why: "reaches the web, and apt on port 80" },
  ];
}
