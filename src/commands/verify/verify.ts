/**
 * Verifies a live cluster. It changes nothing, except that probe pods live there for seconds.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import type { Model } from "../../model/model.ts";
import { checkApart } from "./apart.ts";
import type { Result } from "./check.ts";
import { checkConnectivity, type Settle } from "./connectivity.ts";
import { checkDeployments, type Subject, subjects } from "./deployments.ts";
import { expectedObjects, type Overlay } from "./expected.ts";
import { template } from "./live.ts";
import { checkModels } from "./models.ts";
import { checkProbes } from "./probes.ts";
import { checkProcesses } from "./processes.ts";
import { checkSandbox } from "./sandbox.ts";
import { checkSecrets } from "./secrets.ts";
import { checkGuard, checkVolumes } from "./storage.ts";
import { surroundings, type World } from "./surroundings.ts";
import { checkTools } from "./tools.ts";

/**
 * Which overlay is in the cluster. Any one sign of production is enough, or a production that lost the others would pass for a
 * trial.
 *
 * @throws {KubectlFailed}
 */
export async function detectOverlay({ run }: Kubectl, model: Model): Promise<Overlay> {
  const prod = expectedObjects(model, "prod");
  const { namespace } = model.config.cluster;
  const binding = prod.objects.find(({ kind }) => kind === "ValidatingAdmissionPolicyBinding");
  const isThere = async (...args: string[]) => (await run(["get", ...args, "--ignore-not-found"])).trim() !== "";
  const options = template('{{with .metadata.annotations}}{{index . "argocd.argoproj.io/sync-options"}}{{end}}');
  const signs = await Promise.all([
    isThere("deployment", "cloudflared", `--namespace=${namespace}`, "--output=name"),
    isThere("validatingadmissionpolicybinding", binding?.metadata?.name ?? "", "--output=name"),
    run(["get", "namespace", namespace, options]).then((said) => said.includes("Prune=false")),
  ].map((sign) => sign.catch(() => false)));
  if (signs.includes(true)) return "prod";
  const external = await isThere("externalsecrets.external-secrets.io", `--namespace=${namespace}`, "--output=name")
    .catch(() => false);
  return external ? "kind-eso" : "kind";
}

/** What to verify, and how. */
export interface VerifyOptions {
  readonly model: Model;
  readonly overlay: Overlay;
  readonly world: World;
  /** Takes the probe pods away; dispose of it in any case. */
  readonly cleanup: AsyncDisposableStack;
  /** Milliseconds that the policy engine gets to learn of a pod that was just made, and between two looks. */
  readonly settle?: Settle;
  /** Told of each group of results as soon as it is there. */
  readonly say?: (results: readonly Result[]) => void;
}

/** Seconds are enough for the engines that are known; the rest is for a busy node. */
const SETTLE: Settle = { within: 30_000, every: 1000 };

/** Every check, in groups one after another. */
export async function verify(kubectl: Kubectl, options: VerifyOptions): Promise<Result[]> {
  const { model, overlay, say } = options;
  const expected = expectedObjects(model, overlay);
  const all = subjects(kubectl, expected);
  const groups = [
    () => checkDeployments(kubectl, model, all),
    () => checkApart(model, overlay, all),
    () => checkProbes(kubectl, all),
    () => checkSecrets(kubectl, model, expected),
    () => checkProcesses(kubectl, model, all),
    () => checkTools(kubectl, model, all),
    () => checkModels(kubectl, model, overlay, all),
    () => checkVolumes(kubectl, expected),
    () => checkGuard(kubectl, expected),
    () => network(kubectl, all, options),
  ];
  const results: Result[] = [];
  for (const group of groups) {
    const found = await group();
    say?.(found);
    results.push(...found);
  }
  return results;
}

/** Connections: from every workload, and from the docker backend's sandbox. */
async function network(kubectl: Kubectl, all: readonly Subject[], options: VerifyOptions): Promise<Result[]> {
  const { model, world, cleanup, settle = SETTLE } = options;
  const { destinations, gaps } = await surroundings(kubectl, model, all, world);
  const connectivity = checkConnectivity(kubectl, model, all, destinations, { cleanup, settle });
  const [{ results }, sandbox] = await Promise.all([
    connectivity,
    checkSandbox(kubectl, model, all, destinations, connectivity),
  ]);
  return [...gaps, ...results, ...sandbox];
}
