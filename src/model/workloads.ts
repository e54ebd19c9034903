/**
 * The workloads: what runs, where, with which labels and on which port. Services, selectors, policies and URLs are generated
 * from these rows.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import type { Flow } from "./flows.ts";
import type { Secret } from "./secrets.ts";
import type { Condition } from "../tables/secrets.ts";
import {
  GATEWAY_PORT,
  KEY_PROXY,
  LITELLM_PORT,
  type ReaderName,
  SANDBOX_PORT,
  type WorkloadName,
} from "../tables/workloads.ts";

/** One workload of a configuration, without its secrets and flows. */
export interface WorkloadRow {
  /** Its name, and that of its Deployment and its Service. */
  readonly name: WorkloadName;
  /** What runs it. */
  readonly kind: "Deployment" | "CronJob";
  /** The namespace of its pods. */
  readonly namespace: string;
  /** Value of `app.kubernetes.io/component`: its purpose. */
  readonly component: string;
  /** The TCP port it listens on, or undefined if nothing may connect to it. */
  readonly port?: number;
  /** The user and group that its processes run as. */
  readonly uid: number;
  /** Its Kubernetes Secret, with only what it reads, and the ExternalSecret that fills it. */
  readonly secret: SecretNames;
  /** Image of its container. */
  readonly image: string;
  /** CPU and memory of its container. */
  readonly resources: Resources;
  /** A second container of its pod that pack.yaml configures: the docker daemon, or the key proxy. */
  readonly sidecar?: Sidecar;
}

/** A container that pack.yaml configures next to a workload's own. */
export interface Sidecar {
  /** Its image. */
  readonly image: string;
  /** Its CPU and memory. */
  readonly resources: Resources;
}

/** CPU and memory as in pack.yaml. */
export type Resources = PackConfig["resources"][keyof PackConfig["resources"]];

/** A Kubernetes Secret, and the ExternalSecret that fills it. */
export interface SecretNames {
  /** Name of the Secret. */
  readonly name: string;
  /** Name of the ExternalSecret. */
  readonly externalSecret: string;
}

/** A secret as one reader uses it. */
export interface ReadSecret {
  /** The secret. */
  readonly secret: Secret;
  /** Environment variables that hold it. */
  readonly env: readonly string[];
  /** The file that holds it. */
  readonly file?: string;
  /** The condition under which it is read, if the row has one. */
  readonly when?: Condition;
}

/** A reader of secrets, with the Kubernetes Secret that holds only what it reads. */
export interface Reader {
  /** The container's name. */
  readonly name: ReaderName;
  /** The namespace of its pod. */
  readonly namespace: string;
  /** Its Secret. */
  readonly secret: SecretNames;
  /** The workload in whose pod it runs: itself, except for the key proxy. */
  readonly pod: WorkloadRow;
  /** What it reads, in the order of the table. */
  readonly reads: readonly ReadSecret[];
}

/** One workload with everything that its manifests are generated from. */
export interface Workload extends WorkloadRow {
  /** Its own container as a reader of secrets; the container may read none. */
  readonly reader: Reader;
  /** The containers of its pod that read secrets. */
  readonly readers: readonly Reader[];
  /** Connections to it and from it. */
  readonly flows: { readonly in: readonly Flow[]; readonly out: readonly Flow[] };
}

/** Returns the workloads with their secrets and flows. */
export function completeWorkloads(
  rows: readonly WorkloadRow[],
  secrets: readonly Secret[],
  flows: readonly Flow[],
): Workload[] {
  return rows.map((row): Workload => {
    const { name, namespace, secret } = row;
    const reader: Reader = { name, namespace, secret, pod: row, reads: readsOf(name, secrets) };
    const keyProxy: Reader = {
      name: KEY_PROXY,
      namespace,
      secret: { name: `${KEY_PROXY}-credentials`, externalSecret: `${KEY_PROXY}-es` },
      pod: row,
      reads: readsOf(KEY_PROXY, secrets),
    };
    return {
      ...row,
      reader,
      readers: [reader, ...(name === "litellm" ? [keyProxy] : [])].filter(({ reads }) => reads.length > 0),
      flows: {
        in: flows.filter(({ to }) => to.kind === "workload" && to.workload === name),
        out: flows.filter(({ from }) => from === name),
      },
    };
  });
}

function readsOf(reader: ReaderName, secrets: readonly Secret[]): ReadSecret[] {
  return secrets.flatMap((secret) =>
    secret.readers.filter((use) => use.reader === reader).map((use): ReadSecret => ({ ...use, secret }))
  );
}

/** Returns every workload of the deployment, in the order in which requests go through them. */
export function workloads({ backup, cluster, images, resources, sandbox }: PackConfig): WorkloadRow[] {
  const { namespace } = cluster;
  const rows: WorkloadRow[] = [
    {
      name: "cloudflared",
      kind: "Deployment",
      namespace,
      component: "tunnel",
      // The `nonroot` user of its distroless image; the kubelet can check runAsNonRoot only for a numeric user.
      uid: 65532,
      secret: { name: "cloudflared-credentials", externalSecret: "cloudflared-es" },
      image: images.cloudflared,
      resources: resources.cloudflared,
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
      image: images.openclaw,
      resources: resources.openclaw,
      ...(sandbox.backend === "docker" ? { sidecar: { image: images.docker, resources: resources.docker } } : {}),
    },
    {
      name: "litellm",
      kind: "Deployment",
      namespace,
      component: "model-proxy",
      port: LITELLM_PORT,
      uid: 1000,
      secret: { name: "litellm-credentials", externalSecret: "litellm-es" },
      image: images.litellm,
      resources: resources.litellm,
      sidecar: { image: images.keyProxy, resources: resources.keyProxy },
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
      // The rules of pack.yaml require an image.
      image: sandbox.image ?? "",
      resources: resources.sandbox,
    });
  }
  if (backup.enabled) {
    rows.push({
      name: "backup",
      kind: "CronJob",
      namespace,
      component: "backup",
      // The gateway's user, whose files the backup reads.
      uid: 1000,
      secret: { name: "backup-credentials", externalSecret: "backup-es" },
      image: images.openclaw,
      resources: resources.backup,
    });
  }
  return rows;
}

/**
 * Returns labels that select only the pods of one workload. In lolice's production, Services and policies with a shared label
 * once selected each other's pods.
 */
export function selectorLabels({ name, component }: Pick<WorkloadRow, "name" | "component">): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": component };
}

/** Returns the host name of a workload's Service inside the cluster. */
export function serviceHost({ name, namespace }: Pick<WorkloadRow, "name" | "namespace">): string {
  return `${name}.${namespace}.svc.cluster.local`;
}
