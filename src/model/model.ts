/**
 * The model: the tables from which the files of both repositories are generated.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import type { WorkloadName } from "../tables/workloads.ts";
import { type Flow, flows } from "./flows.ts";
import { internet, type IpBlock } from "./internet.ts";
import { sandboxImage } from "./sandbox_image.ts";
import { manualSecrets, type Secret, secretOf, terraformSecrets } from "./secrets.ts";
import { completeWorkloads, type Reader, type Workload, workloads } from "./workloads.ts";

/** Everything that a generator may read. */
export interface Model {
  /** The configuration from which the tables are built. */
  readonly config: PackConfig;
  /** Every workload, in the order in which requests go through them. */
  readonly workloads: readonly Workload[];
  /** The workloads by name. */
  readonly deployed: Deployed;
  /** Every container that reads a secret, and therefore has its own Secret. */
  readonly readers: readonly Reader[];
  /** Every secret, whether a person or Terraform sets it. */
  readonly secrets: readonly Secret[];
  /** Secrets whose values a person sets. */
  readonly manualSecrets: readonly Secret[];
  /** The secret that Terraform creates with the tunnel. */
  readonly tunnelToken: Secret;
  /** Every allowed connection. */
  readonly flows: readonly Flow[];
  /** What a flow to the internet may reach. */
  readonly internet: readonly IpBlock[];
  /** The image in which the docker backend runs the agent's commands. */
  readonly sandboxImage: string;
}

/** Workloads by name; the ssh sandbox and the backup exist only if pack.yaml enables them. */
export interface Deployed extends Readonly<Partial<Record<WorkloadName, Workload>>> {
  /** The tunnel's client. */
  readonly cloudflared: Workload;
  /** The gateway. */
  readonly openclaw: Workload;
  /** The proxy in front of the models. */
  readonly litellm: Workload;
}

/**
 * Builds the tables of one configuration.
 *
 * @example
 * ```ts
 * import { buildModel, readPack } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * const { deployed } = await buildModel(readPack("").config);
 * const keyProxy = deployed.litellm.readers.find(({ name }) => name === "key-proxy");
 * assert.deepEqual(keyProxy?.reads.map(({ secret }) => secret.name), ["ANTHROPIC_API_KEY", "LITELLM_PROXY_KEY"]);
 * ```
 */
export async function buildModel(config: PackConfig): Promise<Model> {
  const [manual, connections] = [manualSecrets(config), flows(config)];
  const secrets = [...manual, ...terraformSecrets(config)];
  const rows = completeWorkloads(workloads(config), secrets, connections);
  const named = (name: WorkloadName) => {
    const workload = rows.find((row) => row.name === name);
    if (workload === undefined) throw new Error(`no workload ${name} in this configuration`);
    return workload;
  };
  return {
    config,
    workloads: rows,
    deployed: {
      ...Object.fromEntries(rows.map((row) => [row.name, row])),
      cloudflared: named("cloudflared"),
      openclaw: named("openclaw"),
      litellm: named("litellm"),
    },
    readers: rows.flatMap(({ readers }) => readers),
    secrets,
    manualSecrets: manual,
    tunnelToken: secretOf(secrets, "tunnel-token"),
    flows: connections,
    internet: internet(config),
    sandboxImage: await sandboxImage(config),
  };
}

/**
 * Returns the row of one workload.
 *
 * @throws {Error} if the configuration has no such workload
 */
export function workloadOf({ deployed }: Model, name: WorkloadName): Workload {
  const workload = deployed[name];
  if (workload === undefined) throw new Error(`no workload ${name} in this configuration`);
  return workload;
}

/** Returns every namespace that a workload has, each once. */
export function namespacesOf({ workloads }: Pick<Model, "workloads">): string[] {
  return [...new Set(workloads.map(({ namespace }) => namespace))];
}
