/**
 * The overlay that a trial applies, as kustomize renders it: what a trial has to know about itself stands there.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { INamespace } from "kubernetes-models/v1/Namespace";
import { parseAllDocuments } from "yaml";
import { type Machine, runOrThrow, TrialFailed } from "../../cluster/machine.ts";
import type { WorkloadId } from "../../cluster/workload_state.ts";
import type { SecretEnv } from "../../tables/secrets.ts";
import type { WorkloadName } from "../../tables/workloads.ts";

/** The overlay with the user's own values, and the one that it builds on. */
export const OWN_OVERLAY = "kustomize/overlays/mine";
/** The overlay as it is generated. */
export const TRIAL_OVERLAY = "kustomize/overlays/kind";

/** What an overlay holds. */
export interface Overlay {
  readonly path: string;
  readonly namespaces: readonly string[];
  readonly workloads: readonly WorkloadId[];
  /** Secrets that each workload reads, by `namespace/name`. */
  readonly secrets: readonly { readonly workload: WorkloadId; readonly secret: string }[];
  readonly gateway: Gateway;
}

/** The one to talk to. */
export interface Gateway extends WorkloadId {
  readonly container: string;
  readonly port: number;
  /** Where its token is. */
  readonly token: { readonly secret: string; readonly key: string };
}

/** Renders the user's own overlay where there is one, else the generated one. @throws {TrialFailed} */
export async function readOverlay(machine: Machine): Promise<Overlay> {
  const own = await machine.exists(`${OWN_OVERLAY}/kustomization.yaml`);
  const path = own ? OWN_OVERLAY : TRIAL_OVERLAY;
  if (!own && !await machine.exists(path)) {
    throw new TrialFailed(`${path} not found; run deno task gen in the project's folder to create it`);
  }
  return parseOverlay(path, await runOrThrow(machine, "kubectl", ["kustomize", path]));
}

/** Reads what was rendered. @throws {TrialFailed} if it cannot be a trial */
export function parseOverlay(path: string, rendered: string): Overlay {
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
      `the gateway of ${path} has no ${TOKEN}: a trial needs gateway.auth: token in pack.yaml, since without Cloudflare ` +
        "in front, the gateway could not tell who its users are",
    );
  }
  return { ...idOf(deployment), container: container.name, port, token: { secret: token.name, key: token.key } };
}

function idOf({ metadata }: IDeployment): WorkloadId {
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" };
}

function secretNames({ spec }: IDeployment): string[] {
  const pod = spec?.template.spec;
  const containers = [...pod?.initContainers ?? [], ...pod?.containers ?? []];
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
