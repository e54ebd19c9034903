/**
 * Verifies a live cluster. It changes nothing, except that probe pods run for a few seconds.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { signsOfProduction } from "../../cluster/production.ts";
import type { Model } from "../../model/model.ts";
import { checkBackup } from "./backup.ts";
import { checkConnectivity, type Settle } from "./connectivity.ts";
import { checkApart, checkDeployments } from "./deployments.ts";
import { expectedObjects, type OverlayName, type Subject, subjects } from "./expected.ts";
import { checkModels } from "./models.ts";
import { checkProbes } from "./probes.ts";
import { checkProcesses, checkTools } from "./processes.ts";
import type { Result } from "./results.ts";
import { checkSandbox } from "./sandbox.ts";
import { checkSecrets } from "./secrets.ts";
import { checkGuard, checkVolumes } from "./storage.ts";
import { surroundings, type World } from "./surroundings.ts";

/**
 * Returns which overlay is in the cluster. One sign of production is enough; otherwise a production deployment that lost the
 * others would pass for a trial.
 *
 * @throws {KubectlFailed}
 */
export async function detectOverlay(kubectl: Kubectl, model: Model): Promise<OverlayName> {
  const { namespace } = model.config.cluster;
  if ((await signsOfProduction(kubectl, [namespace])).some(({ found }) => found === true)) return "prod";
  const args = ["get", "externalsecrets.external-secrets.io", `--namespace=${namespace}`, "--output=name"];
  // Without the operator the cluster does not know this kind.
  const { code, stdout } = await kubectl.attempt(args);
  return code === 0 && stdout.trim() !== "" ? "kind-eso" : "kind";
}

/** What to verify, and how. */
export interface VerifyOptions {
  readonly model: Model;
  readonly overlay: OverlayName;
  readonly world: World;
  /** Deletes the probe pods; the caller must dispose of it. */
  readonly cleanup: AsyncDisposableStack;
  /** How long to wait for the policy engine. */
  readonly settle?: Settle;
  /** The time, in milliseconds since 1970. Default: now. */
  readonly now?: number;
  /** Called with each group of results as soon as it is complete. */
  readonly report?: (results: readonly Result[]) => void;
}

/** Known engines need seconds; the rest is for a busy node. */
const SETTLE: Settle = { within: 30_000, every: 1000 };

/** Runs every check, in groups one after another. */
export async function verify(kubectl: Kubectl, options: VerifyOptions): Promise<Result[]> {
  const { model, overlay, report } = options;
  const expected = await expectedObjects(kubectl, model, overlay);
  const all = subjects(kubectl, expected);
  const groups = [
    () => checkDeployments(model, all),
    () => checkApart(model, overlay, all),
    () => checkProbes(kubectl, all),
    () => checkSecrets(kubectl, model, expected),
    () => checkProcesses(kubectl, model, all),
    () => checkTools(kubectl, model, all),
    () => checkModels(kubectl, model, overlay, all),
    () => checkVolumes(kubectl, expected),
    () => checkBackup(kubectl, expected, options.now ?? Date.now()),
    () => checkGuard(kubectl, expected),
    () => network(kubectl, all, options),
  ];
  const results: Result[] = [];
  for (const group of groups) {
    const found = await group();
    report?.(found);
    results.push(...found);
  }
  return results;
}

/** Dials from every workload, and from the docker backend's sandbox. */
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
