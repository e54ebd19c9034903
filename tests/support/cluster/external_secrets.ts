/**
 * The real External Secrets Operator. On the tests' own cluster it is a program in the machine, for which a control plane is enough;
 * on a given one it is a Deployment of the published image. It needs no webhook; its chart, with the role that it has in a cluster,
 * is left out.
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

/** What a `tool()` asks for: a cluster, the operator and its definitions. */
export async function operatorParts(): Promise<void> {
  await clusterRuntime();
  await externalSecretsCrds();
  if (givenKubeconfig() === undefined) await built("external-secrets");
}

/** An operator that runs. */
export interface Operator {
  /** {@linkcode until}, which fails at once if the operator ends. */
  readonly until: typeof until;
}

/** One at a time, as by default: the fake provider of 0.18.2 ends the operator when two workers use its map at once. */
const ARGS = ["--enable-leader-election=false", "--metrics-addr=127.0.0.1:8080", "--concurrent=1"];

/** Installs the definitions in a cluster, and starts the operator there. */
export async function startOperator(cluster: Cluster): Promise<Operator> {
  if (cluster.own !== undefined) return await startOperatorProgram(cluster.own);
  await installExternalSecretsCrds(cluster);
  await applyObjects(cluster, deployment(await operatorImage()));
  await rolledOut(cluster, DEPLOYED, DEPLOYED);
  return { until };
}

/** Starts it in the machine of the tests' own cluster, with some environment. */
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
  // Its end after the last wait is the machine's.
  failed.catch(() => undefined);
  return { until: (...call) => Promise.race([until(...call), failed]) };
}

/** The published image of the operator that is built here. */
export async function operatorImage(): Promise<string> {
  return `ghcr.io/external-secrets/external-secrets:${await externalSecretsVersion()}`;
}

/** Its namespace, and the name of all else. */
const DEPLOYED = "external-secrets";
/** The binding that gives it every right. */
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

/** The ExternalSecrets among some objects. */
export function externalsOf(objects: readonly Json[]): Json[] {
  return objects.filter(({ kind }) => kind === "ExternalSecret");
}

/** What an ExternalSecret reports against itself; empty when the operator has brought all that its present form asks for. */
export async function faultOf(cluster: Kubectl, { metadata: { name, namespace } }: Json): Promise<string> {
  const { metadata, status } = await cluster.get("externalsecret", name, `--namespace=${namespace}`);
  const ready = status?.conditions?.find(({ type }: Json) => type === "Ready");
  if (ready === undefined) return "not looked at yet";
  if (ready.status !== "True") return `${ready.reason}: ${ready.message}`;
  return status.syncedResourceVersion.startsWith(`${metadata.generation}-`) ? "" : "not looked at since it changed";
}

/** Waits until ExternalSecrets have brought what they ask for. */
export async function untilSynced(operator: Operator, cluster: Kubectl, externals: readonly Json[]): Promise<void> {
  for (const external of externals) {
    await operator.until(`ExternalSecret ${external.metadata.name}`, async () => {
      const fault = await faultOf(cluster, external);
      if (fault !== "") throw new Error(fault);
      return true;
    });
  }
}

/** Waits until the operator has failed at an ExternalSecret, and has written an event of it that says why. */
export async function untilFailed(operator: Operator, cluster: Kubectl, external: Json, why: RegExp): Promise<void> {
  const { name, namespace } = external.metadata;
  await operator.until(`the fault of ExternalSecret ${name}`, async () => {
    const fault = await faultOf(cluster, external);
    return fault.startsWith("SecretSyncedError: ");
  });
  const selector = `--field-selector=involvedObject.name=${name},type=Warning,reason=UpdateFailed`;
  await operator.until(`an event that says ${why}`, async () => {
    const { items } = await cluster.get("events", `--namespace=${namespace}`, selector);
    return items.some(({ message }: Json) => why.test(message));
  });
}

/** Has the operator look at an ExternalSecret now, as a user would. */
export async function forceSync(cluster: Kubectl, { metadata: { name, namespace } }: Json): Promise<void> {
  const annotation = `force-sync=${Date.now()}`;
  await cluster.run(["annotate", "--overwrite", "externalsecret", name, `--namespace=${namespace}`, annotation]);
}
