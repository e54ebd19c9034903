/**
 * The model: the tables that both repositories are made from.
 *
 * @module
 */

import type { PackConfig } from "../config/schema.ts";
import { sandboxImage } from "./sandbox_image.ts";
import { type Flow, flows } from "./flows.ts";
import { internet, type IpBlock } from "./internet.ts";
import { manualSecrets, type Secret, tunnelToken } from "./secrets.ts";
import { type Reader, readers, type Workload, workloads } from "./workloads.ts";
import type { ReaderName, WorkloadName } from "../tables/workloads.ts";

/** Everything that a generator may look at. */
export interface Model {
  readonly config: PackConfig;
  readonly workloads: readonly Workload[];
  /** Secrets whose values a person sets. */
  readonly manualSecrets: readonly Secret[];
  /** The secret that Terraform makes with the tunnel. */
  readonly tunnelToken: Secret;
  readonly flows: readonly Flow[];
  /** What a flow to the internet may reach. */
  readonly internet: readonly IpBlock[];
  /** The image that the docker backend runs the agent's commands in. */
  readonly sandboxImage: string;
}

/** A secret with the one reader that is looked at. */
export interface ReadSecret {
  readonly secret: Secret;
  readonly env: readonly string[];
  readonly file?: string;
}

/** The tables of one configuration. */
export async function buildModel(config: PackConfig): Promise<Model> {
  return {
    config,
    workloads: workloads(config),
    manualSecrets: manualSecrets(config),
    tunnelToken: tunnelToken(config),
    flows: flows(config),
    internet: internet(config),
    sandboxImage: await sandboxImage(config),
  };
}

/** The row of one workload. */
export function workloadOf(model: Model, name: WorkloadName): Workload {
  const workload = model.workloads.find((row) => row.name === name);
  if (workload === undefined) throw new Error(`no workload ${name} in this configuration`);
  return workload;
}

/** Every namespace that a workload has, each once. */
export function namespacesOf({ workloads }: Pick<Model, "workloads">): string[] {
  return [...new Set(workloads.map(({ namespace }) => namespace))];
}

/** Every secret, whoever sets it. */
export function allSecrets(model: Model): Secret[] {
  return [...model.manualSecrets, model.tunnelToken];
}

/** What one reader reads, in the order of the table. */
export function secretsOf(model: Model, name: ReaderName): ReadSecret[] {
  return allSecrets(model).flatMap((secret) =>
    secret.readers.filter(({ reader }) => reader === name).map((use): ReadSecret => ({ ...use, secret }))
  );
}

/** Those who read any secret, and so have a Secret of their own. */
export function readersOf(model: Model): Reader[] {
  return readers(model.workloads).filter(({ name }) => secretsOf(model, name).length > 0);
}

/** Those whose container is in one workload's pod. */
export function readersIn(model: Model, pod: WorkloadName): Reader[] {
  return readersOf(model).filter((reader) => reader.pod.name === pod);
}

/** One reader. */
export function readerOf(model: Model, name: ReaderName): Reader {
  const reader = readers(model.workloads).find((row) => row.name === name);
  if (reader === undefined) throw new Error(`no reader ${name} in this configuration`);
  return reader;
}
