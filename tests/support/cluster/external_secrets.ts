/**
 * The real External Secrets Operator: a program in a cluster's machine, for which a control plane is enough. It needs no webhook;
 * its chart, with the role that it has in a cluster, is left out.
 *
 * @module
 */

import type { Json } from "../support.ts";
import { built } from "./build.ts";
import type { Cluster } from "./cluster.ts";
import { type Kubectl, until } from "./kubectl.ts";
import { externalSecretsCrds, installExternalSecretsCrds } from "./modules.ts";
import { clusterRuntime } from "./needs.ts";

/** What a `part()` asks for: a cluster, the operator and its definitions. Gives the operator's program. */
export async function operatorProgram(): Promise<string> {
  await clusterRuntime();
  await externalSecretsCrds();
  return await built("external-secrets");
}

/** An operator that runs. */
export interface Operator {
  /** {@linkcode until}, which fails at once if the operator ends. */
  readonly until: typeof until;
}

/** Gives a cluster its definitions, and starts it with some environment. */
export async function startOperator(
  cluster: Cluster,
  program: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Operator> {
  await installExternalSecretsCrds(cluster);
  const all = { KUBECONFIG: "/run/cluster/kubeconfig/external-secrets", ...environment };
  // One at a time, as by default: the fake provider of 0.18.2 ends the operator when two workers use its map at once.
  const { ended } = cluster.machine.start("external-secrets", [
    "env",
    ...Object.entries(all).map(([name, value]) => `${name}=${value}`),
    ...[program, "--enable-leader-election=false", "--metrics-addr=127.0.0.1:8080", "--concurrent=1"],
  ]);
  const failed = ended.then((reason) => Promise.reject(new Error(reason)));
  // Its end after the last wait is the machine's.
  failed.catch(() => undefined);
  return { until: (...call) => Promise.race([until(...call), failed]) };
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
