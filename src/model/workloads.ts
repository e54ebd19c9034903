/**
 * The workloads: what runs, where, under which labels, and on which port it listens. Services, selectors, policies and URLs
 * are made from these rows.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import {
  GATEWAY_PORT,
  KEY_PROXY,
  LITELLM_PORT,
  type ReaderName,
  SANDBOX_PORT,
  type WorkloadName,
} from "../tables/workloads.ts";

/** One workload. */
export interface Workload {
  /** Its name, which its Deployment and its Service have. */
  readonly name: WorkloadName;
  /** What runs it. */
  readonly kind: "Deployment" | "CronJob";
  readonly namespace: string;
  /** Value of `app.kubernetes.io/component`: what it is for. */
  readonly component: string;
  /** The TCP port it listens on, or undefined when nothing may connect to it. */
  readonly port?: number;
  /** The user and group that its processes run as. */
  readonly uid: number;
  /** Kubernetes Secret with just what it reads, and the ExternalSecret that fills it. */
  readonly secret: { readonly name: string; readonly externalSecret: string };
}

/** A reader of secrets with the Kubernetes Secret that holds what it reads, and nothing else. */
export interface Reader extends Pick<Workload, "namespace" | "secret"> {
  readonly name: ReaderName;
  /** The workload whose pod it runs in; itself, but for the key proxy. */
  readonly pod: Workload;
}

/** Every possible reader: each workload, and the key proxy. */
export function readers(workloads: readonly Workload[]): Reader[] {
  return workloads.flatMap((pod): Reader[] => {
    const { name, namespace, secret } = pod;
    const own = { name, namespace, secret, pod };
    if (name !== "litellm") return [own];
    return [own, {
      name: KEY_PROXY,
      namespace,
      secret: { name: `${KEY_PROXY}-credentials`, externalSecret: `${KEY_PROXY}-es` },
      pod,
    }];
  });
}

/** Every workload of the deployment, in the order in which requests go through them. */
export function workloads({ backup, cluster, sandbox }: PackConfig): Workload[] {
  const { namespace } = cluster;
  const rows: Workload[] = [
    {
      name: "cloudflared",
      kind: "Deployment",
      namespace,
      component: "tunnel",
      // The `nonroot` user of its distroless image; numeric, or runAsNonRoot cannot be checked.
      uid: 65532,
      secret: { name: "cloudflared-credentials", externalSecret: "cloudflared-es" },
    },
    {
      name: "openclaw",
      kind: "Deployment",
      namespace,
      component: "gateway",
      port: GATEWAY_PORT,
      // The image's `node` user.
      uid: 1000,
      secret: { name: "openclaw-credentials", externalSecret: "openclaw-es" },
    },
    {
      name: "litellm",
      kind: "Deployment",
      namespace,
      component: "model-proxy",
      port: LITELLM_PORT,
      uid: 1000,
      secret: { name: "litellm-credentials", externalSecret: "litellm-es" },
    },
  ];
  if (sandbox.backend === "ssh") {
    rows.push({
      name: "sandbox",
      kind: "Deployment",
      namespace: sandbox.namespace,
      component: "sandbox",
      port: SANDBOX_PORT,
      uid: 1000,
      secret: { name: "sandbox-credentials", externalSecret: "sandbox-es" },
    });
  }
  if (backup.enabled) {
    rows.push({
      name: "backup",
      kind: "CronJob",
      namespace,
      component: "backup",
      // The gateway's, whose files it reads.
      uid: 1000,
      secret: { name: "backup-credentials", externalSecret: "backup-es" },
    });
  }
  return rows;
}

/**
 * Labels that choose the pods of one workload and of no other: Services and policies that shared a label once took each
 * other's pods (lolice, in production).
 */
export function selectorLabels({ name, component }: Workload): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": component };
}

/** Name of a workload's Service inside the cluster. */
export function serviceHost({ name, namespace }: Workload): string {
  return `${name}.${namespace}.svc.cluster.local`;
}
