/**
 * Runs suites on their own clusters, or one after another on a given cluster, which is left as it was before.
 *
 * @module
 */

import { onStop } from "../../../src/cluster/signals.ts";
import { UserError } from "../../../src/errors.ts";
import { existing, removeCreated } from "./created.ts";
import { GIVEN } from "./given.ts";
import { type Kubectl, kubectlWith, until } from "./kubectl.ts";
import { added, everything } from "./leftovers.ts";
import type { Suite } from "./suites.ts";

/** Runs suites on their own clusters, two at a time. Each waits half of its time and uses about 3 GiB of memory. */
export async function runSuites(chosen: readonly Suite[]): Promise<number> {
  const args = ["test", "--parallel", "--no-prompt", "--allow-all", ...chosen.map(({ path }) => path)];
  const env = { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? "2" };
  return (await new Deno.Command(Deno.execPath(), { args, env, stdin: "null" }).spawn().status).code;
}

/** A given cluster cannot be used, or is not as it was before. */
export class GivenCluster extends UserError {
  override readonly name = "GivenCluster";
}

/**
 * Runs suites on the cluster of a kubeconfig, and deletes what each created, also after Ctrl-C. Returns an exit status.
 *
 * @throws {GivenCluster} if an object that they create already exists; nothing is changed then
 */
export async function runOnGiven(kubeconfig: string, chosen: readonly Suite[]): Promise<number> {
  const cluster = kubectlWith(kubeconfig);
  const found = await existing(cluster, chosen.flatMap(({ creates }) => creates));
  if (found.length > 0) {
    throw new GivenCluster(
      `the cluster has ${found.join(", ")}, which the suites would create and delete; nothing was changed`,
    );
  }
  let stopped = false;
  let running: Deno.ChildProcess | undefined;
  const stop = () => {
    stopped = true;
    // Kills the suite and the programs that it started. It may have ended.
    try {
      if (running !== undefined) Deno.kill(-running.pid, "SIGKILL");
    } catch { /* ended */ }
  };
  using _handler = onStop(stop);
  const failed: string[] = [];
  for (const { name, path, creates } of chosen) {
    if (stopped) break;
    const before = await everything(cluster);
    if (stopped) break;
    // Runs in its own session, so that Ctrl-C on the terminal ends it before the deletion begins and not during it.
    running = new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-prompt", "--allow-all", path],
      env: { [GIVEN]: kubeconfig },
      stdin: "null",
      detached: true,
    }).spawn();
    const { code } = await running.status;
    running = undefined;
    if (code !== 0) failed.push(name);
    if (stopped) console.error(`stopped; deleting what ${name} has created`);
    await leaveAsBefore(cluster, creates, before);
  }
  if (stopped) return 130;
  if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

async function leaveAsBefore(cluster: Kubectl, creates: readonly string[], before: readonly string[]): Promise<void> {
  // A second Ctrl-C ends the kubectl that is running.
  const remove = () => removeCreated(cluster, creates);
  await remove().catch(remove).catch(remove);
  let left: string[] = [];
  await until("the cluster to be as before", async () => {
    left = added(before, await everything(cluster));
    return left.length === 0;
  }, { everyMs: 1000 }).catch((error) => {
    if (left.length === 0) throw error;
    throw new GivenCluster(`left in the cluster: ${left.join(", ")}`);
  });
}
