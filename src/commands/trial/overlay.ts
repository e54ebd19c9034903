/**
 * Reads the overlay that a trial applies, as kustomize renders it.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { INamespace } from "kubernetes-models/v1/Namespace";
import { parseAllDocuments } from "yaml";
import { type Machine, runOrThrow } from "../../cluster/machine.ts";
import { containersIn } from "../../cluster/pods.ts";
import type { WorkloadId } from "../../cluster/workload_state.ts";
import type { SecretEnv } from "../../tables/secrets.ts";
import type { WorkloadName } from "../../tables/workloads.ts";
import { TrialFailed } from "./failed.ts";

/** The overlay with the user's own values, which builds on {@linkcode TRIAL_OVERLAY}. */
export const OWN_OVERLAY = "kustomize/overlays/mine";
/** The generated overlay. */
export const TRIAL_OVERLAY = "kustomize/overlays/kind";

/** The content of an overlay. */
export interface TrialOverlay {
  readonly path: string;
  readonly namespaces: readonly string[];
  readonly workloads: readonly WorkloadId[];
  /** Secrets that each workload reads, by `namespace/name`. */
  readonly secrets: readonly { readonly workload: WorkloadId; readonly secret: string }[];
  readonly gateway: Gateway;
}

/** The gateway that a user talks to. */
export interface Gateway extends WorkloadId {
  readonly container: string;
  readonly port: number;
  /** The Secret and key that hold its token. */
  readonly token: { readonly secret: string; readonly key: string };
}

/**
 * Renders the user's own overlay if it exists, otherwise the generated one.
 *
 * @throws {TrialFailed} if the overlay does not exist or is not a trial
 */
export async function readOverlay(machine: Machine): Promise<TrialOverlay> {
  const own = await machine.exists(`${OWN_OVERLAY}/kustomization.yaml`);
  const path = own ? OWN_OVERLAY : TRIAL_OVERLAY;
  if (!own && !await machine.exists(path)) {
    throw new TrialFailed(`${path} not found; run deno task gen in the project's folder to create it`);
  }
  return parseOverlay(path, await runOrThrow(machine, "kubectl", ["kustomize", path]));
}

/**
 * Parses a rendered overlay.
 *
 * @throws {TrialFailed} if the overlay is not a trial
 */
export function parseOverlay(path: string, rendered: string): TrialOverlay {
  const objects = parseAllDocuments(rendered).map((document): { kind?: string } => document.toJS() ?? {});
  const deployments = objects.filter((object): object is IDeployment => object.kind === "Deployment");
  const namespaces = objects.filter((object): object is INamespace => object.kind === "Namespace");
  return {
    path,
    namespaces: namespaces.map(({ metadata }) => metadata?.name ?? ""),
    workloads: deployments.map(idOf),
    secrets: deployments.flatMap((deployment) =>
      secretNames(deployment).map((name) => ({
        workload: idOf(deployment),
        secret: `${idOf(deployment).namespace}/${name}`,
      }))
    ),
    gateway: gatewayOf(path, deployments),
  };
}

const GATEWAY = "openclaw" satisfies WorkloadName;
const TOKEN: SecretEnv<typeof GATEWAY> = "OPENCLAW_GATEWAY_TOKEN";

function gatewayOf(path: string, deployments: readonly IDeployment[]): Gateway {
  const deployment = deployments.find(({ metadata }) => metadata?.name === GATEWAY);
  const container = deployment?.spec?.template.spec?.containers.find(({ name }) => name === GATEWAY);
  const port = container?.ports?.[0]?.containerPort;
  if (deployment === undefined || container === undefined || port === undefined) {
    throw new TrialFailed(`${path} has no Deployment ${GATEWAY} with a container ${GATEWAY} and its port`);
  }
  const token = container.env?.find(({ name }) => name === TOKEN)?.valueFrom?.secretKeyRef;
  if (token?.name === undefined) {
    throw new TrialFailed(
      `the gateway of ${path} has no ${TOKEN}: a trial needs gateway.auth: token in pack.yaml, because without ` +
        "Cloudflare the gateway cannot identify its users",
    );
  }
  return { ...idOf(deployment), container: container.name, port, token: { secret: token.name, key: token.key } };
}

function idOf({ metadata }: IDeployment): WorkloadId {
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" };
}

function secretNames({ spec }: IDeployment): string[] {
  const pod = spec?.template.spec;
  const containers = containersIn(pod);
  const names = [
    ...containers.flatMap(({ env }) => env?.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name) ?? []),
    ...containers.flatMap(({ envFrom }) => envFrom?.map(({ secretRef }) => secretRef?.name) ?? []),
    ...pod?.volumes?.flatMap(({ secret, projected }) => [
      secret?.secretName,
      ...projected?.sources?.map((source) => source.secret?.name) ?? [],
    ]) ?? [],
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}
