/**
 * The real External Secrets Operator. On the tests' own cluster it runs as a program in the machine, which only needs a control
 * plane. On a given cluster it is a Deployment of the published image. It runs without its webhook and without its chart, so
 * the chart's role is not covered.
 *
 * @module
 */

import type { Json } from "../support.ts";
import { built } from "./build.ts";
import type { Cluster, OwnCluster } from "./cluster.ts";
import { givenKubeconfig } from "./given.ts";
import { applyObjects, type Kubectl, rolledOut, until } from "./kubectl.ts";
import { externalSecretsCrds, externalSecretsVersion, installExternalSecretsCrds } from "./modules.ts";
import { clusterRuntime } from "./needs.ts";

/** Checks and builds what the operator needs, for `tool()`: a cluster, the operator and its definitions. */
export async function operatorTools(): Promise<void> {
  await clusterRuntime();
  await externalSecretsCrds();
  if (givenKubeconfig() === undefined) await built("external-secrets");
}

/** A running operator. */
export interface Operator {
  /** Like {@linkcode until}, but fails immediately if the operator ends. */
  readonly until: typeof until;
}

/** One worker, as by default: in 0.18.2 the fake provider crashes the operator if two workers use its map in parallel. */
const ARGS = ["--enable-leader-election=false", "--metrics-addr=127.0.0.1:8080", "--concurrent=1"];

/** Installs the definitions in a cluster, and starts the operator. */
export async function startOperator(cluster: Cluster): Promise<Operator> {
  if (cluster.own !== undefined) return await startOperatorProgram(cluster.own);
  await installExternalSecretsCrds(cluster);
  await applyObjects(cluster, deployment(await operatorImage()));
  await rolledOut(cluster, DEPLOYED, DEPLOYED);
  return { until };
}

/** Starts the operator in the machine of the tests' own cluster, with additional environment variables. */
export async function startOperatorProgram(
  cluster: OwnCluster,
  environment: Readonly<Record<string, string>> = {},
): Promise<Operator> {
  await installExternalSecretsCrds(cluster);
  const all = { KUBECONFIG: "/run/cluster/kubeconfig/external-secrets", ...environment };
  const { ended } = cluster.machine.start("external-secrets", [
    "env",
    ...Object.entries(all).map(([name, value]) => `${name}=${value}`),
    ...[await built("external-secrets"), ...ARGS],
  ]);
  const failed = ended.then((reason) => Promise.reject(new Error(reason)));
  // After the last wait, the operator may end with the machine.
  failed.catch(() => undefined);
  return { until: (...call) => Promise.race([until(...call), failed]) };
}

/** Returns the published image of the version that is built here. */
export async function operatorImage(): Promise<string> {
  return `ghcr.io/external-secrets/external-secrets:${await externalSecretsVersion()}`;
}

/** Name of the operator's namespace and of its other objects. */
const DEPLOYED = "external-secrets";
/** Name of the binding that makes the operator a cluster-admin. */
const OPERATOR_BINDING = "openclaw-pack-e2e-external-secrets";

function deployment(image: string): Json[] {
  const metadata = { name: DEPLOYED, namespace: DEPLOYED };
  const labels = { "app.kubernetes.io/name": DEPLOYED };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: DEPLOYED } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: OPERATOR_BINDING },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { serviceAccountName: DEPLOYED, containers: [{ name: "operator", image, args: ARGS }] },
        },
      },
    },
  ];
}

/** Returns the ExternalSecrets among some objects. */
export function externalsOf(objects: readonly Json[]): Json[] {
  return objects.filter(({ kind }) => kind === "ExternalSecret");
}

/** Returns the error of an ExternalSecret; empty if the operator has synced its current generation. */
export async function faultOf(cluster: Kubectl, { metadata: { name, namespace } }: Json): Promise<string> {
  const { metadata, status } = await cluster.get("externalsecret", name, `--namespace=${namespace}`);
  const ready = status?.conditions?.find(({ type }: Json) => type === "Ready");
  if (ready === undefined) return "not observed yet";
  if (ready.status !== "True") return `${ready.reason}: ${ready.message}`;
  return status.syncedResourceVersion.startsWith(`${metadata.generation}-`) ? "" : "change not observed yet";
}

/** Waits until ExternalSecrets are synced. */
export async function untilSynced(operator: Operator, cluster: Kubectl, externals: readonly Json[]): Promise<void> {
  for (const external of externals) {
    await operator.until(`ExternalSecret ${external.metadata.name}`, async () => {
      const fault = await faultOf(cluster, external);
      if (fault !== "") throw new Error(fault);
      return true;
    });
  }
}

/** Waits until the operator has failed to sync an ExternalSecret and has written an event with the reason. */
export async function untilFailed(operator: Operator, cluster: Kubectl, external: Json, why: RegExp): Promise<void> {
  const { name, namespace } = external.metadata;
  await operator.until(`ExternalSecret ${name} to fail`, async () => {
    const fault = await faultOf(cluster, external);
    return fault.startsWith("SecretSyncedError: ");
  });
  const selector = `--field-selector=involvedObject.name=${name},type=Warning,reason=UpdateFailed`;
  await operator.until(`an event that matches ${why}`, async () => {
    const { items } = await cluster.get("events", `--namespace=${namespace}`, selector);
    return items.some(({ message }: Json) => why.test(message));
  });
}

/** Forces a sync of an ExternalSecret, as a user would. */
export async function forceSync(cluster: Kubectl, { metadata: { name, namespace } }: Json): Promise<void> {
  const annotation = `force-sync=${Date.now()}`;
  await cluster.run(["annotate", "--overwrite", "externalsecret", name, `--namespace=${namespace}`, annotation]);
}
