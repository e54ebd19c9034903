/**
 * Lists, tests and restores archives on a live cluster (requirement B15).
 *
 * A restore never scales the gateway's Deployment down, because Argo CD would scale it up again during the restore. Instead it
 * puts the restored state next to the current one and restarts the gateway's pod. The pod's first init container, which runs
 * while no gateway does, swaps the two. The current state is kept.
 *
 * @module
 */

import type { IPod } from "kubernetes-models/v1/Pod";
import type { Kubectl } from "../../cluster/kubectl.ts";
import { list, takeSnapshot } from "../../cluster/snapshot.ts";
import { podWait } from "../../cluster/wait.ts";
import { BACKUP } from "../../generate/kubernetes/backup.ts";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import { archiveTable } from "./archives.ts";
import { RestoreFailed } from "./failed.ts";
import { type CronJob, restorePod } from "./pod.ts";

/** The environment of a restore. */
export interface Environment {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  /** The gateway's row of the model. */
  readonly gateway: Workload;
  /** Whether to print commands that would change something instead of running them. */
  readonly dryRun: boolean;
  /** Prints a line for the user. */
  readonly print: (line: string) => void;
  /** Asks for confirmation; the restore continues only if it returns true. */
  readonly confirm: (question: string) => boolean;
  /** Milliseconds between two reads of a pod. Default 1000. */
  readonly pollEvery?: number;
}

/** Prints the archives on the volume. */
export async function listArchives(env: Environment): Promise<void> {
  const output = await inPod(env, ["list"]);
  if (output !== undefined) env.print(archiveTable(output).trimEnd());
}

/** Restores an archive into a temporary folder and reads it there. */
export async function drill(env: Environment, archive: string): Promise<void> {
  const output = await inPod(env, ["drill", archive]);
  if (output !== undefined) env.print(output.trimEnd());
}

/**
 * Replaces the current state with that of an archive.
 *
 * @throws {RestoreFailed} if the restore fails, or the user does not confirm it
 */
export async function restore(env: Environment, archive: string): Promise<void> {
  const question =
    `${archive === "latest" ? "The newest archive" : archive} replaces the assistant's state in namespace ` +
    `${env.namespace}, context ${env.kubectl.context}. The assistant restarts and forgets anything newer than the archive; ` +
    "the current state is kept on the volume. Continue?";
  if (!env.dryRun && !env.confirm(question)) throw new RestoreFailed("nothing was changed");
  const output = await inPod(env, ["prepare", archive], { alone: true });
  if (output !== undefined) env.print(output.trimEnd());
  if ((await gatewayPods(env)).length === 0 && !env.dryRun) {
    env.print("no gateway is running; its next start uses the restored state");
    return;
  }
  env.print("restarting the gateway");
  await change(env, ["delete", "pod", `--selector=${selector(env)}`, "--wait=true"]);
  if (env.dryRun) return;
  await untilReady(env);
  for (const line of await swapLog(env)) env.print(line);
  env.print("the gateway is ready again, with the restored state");
}

/**
 * Returns what prepare-state.sh logged about the swap, in its init container or, if the pod has none (as in the trial), in the
 * gateway's container.
 */
async function swapLog(env: Environment): Promise<string[]> {
  const log = await run(env, ["logs", `--selector=${selector(env)}`, "--all-containers", "--tail=-1"]);
  return log.split("\n").filter((line) => line.startsWith("restore: "));
}

/** Runs backup.sh in a separate pod and returns its output, or undefined on a dry run. */
async function inPod(
  env: Environment,
  args: readonly string[],
  { alone = false }: { alone?: boolean } = {},
): Promise<string | undefined> {
  const cronJob = await backupCronJob(env);
  if (alone && (cronJob.status?.active ?? []).length > 0) {
    throw new RestoreFailed("a backup is running; try again when its Job has ended");
  }
  const besideGateway = (await gatewayPods(env)).some(({ spec }) => spec?.nodeName !== undefined);
  const manifest = JSON.stringify(restorePod(cronJob, { args, besideGateway }), null, 2);
  const created = await change(env, ["create", "--filename=-", "--output=name"], manifest);
  if (created === undefined) return undefined;
  const name = created.trim();
  env.print(`${args.join(" ")}: ${name}`);
  try {
    const { status } = await ended(env, name);
    const output = await run(env, ["logs", name]);
    if (status?.phase === "Succeeded") return output;
    throw new RestoreFailed(
      `${args.join(" ")} failed: ${output.trim() || status?.message || "the pod exited with no output"}`,
    );
  } finally {
    await run(env, ["delete", name, "--wait=false", "--ignore-not-found"]);
  }
}

async function backupCronJob(env: Environment): Promise<CronJob> {
  const text = await run(env, ["get", "cronjob", BACKUP, "--output=json", "--ignore-not-found"]);
  if (text.trim() !== "") return JSON.parse(text) as CronJob;
  throw new RestoreFailed(
    `namespace ${env.namespace} has no CronJob ${BACKUP}: is it the right context, and backup.enabled on?`,
  );
}

async function gatewayPods({ kubectl, namespace, gateway }: Environment): Promise<IPod[]> {
  const pods = await list<IPod>(kubectl, "pods", [namespace], selectorLabels(gateway));
  return pods.filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed");
}

function selector({ gateway }: Environment): string {
  return Object.entries(selectorLabels(gateway)).map((pair) => pair.join("=")).join(",");
}

/** Milliseconds for one call: deleting a pod takes its grace period. */
const TIMEOUT = 5 * 60_000;

/** Runs kubectl in the namespace. */
function run({ kubectl, namespace }: Environment, args: readonly string[], input?: string): Promise<string> {
  return kubectl.run([`--namespace=${namespace}`, ...args], {
    timeout: TIMEOUT,
    ...(input === undefined ? {} : { input }),
  });
}

/** Runs a command that changes something in the cluster, or prints it on a dry run. */
async function change(env: Environment, args: readonly string[], input?: string): Promise<string | undefined> {
  if (!env.dryRun) return await run(env, args, input);
  const command = ["kubectl", `--context=${env.kubectl.context}`, `--namespace=${env.namespace}`, ...args].join(" ");
  env.print(command + (input === undefined ? "" : ` <<'EOF'\n${input}\nEOF`));
  return undefined;
}

const START_SECONDS = 300;
const END_SECONDS = 1800;

/** @param name as kubectl prints it, such as `pod/openclaw-restore-x7k2p` */
async function ended(env: Environment, name: string): Promise<IPod> {
  return await poll(env, `${name} to end`, async () => {
    const snapshot = await takeSnapshot(env.kubectl, [env.namespace]);
    const pod = snapshot.pods.find(({ metadata }) => `pod/${metadata?.name}` === name);
    if (pod === undefined) throw new RestoreFailed(`${name} was deleted before it ended`);
    const { phase = "Pending" } = pod.status ?? {};
    if (phase === "Succeeded" || phase === "Failed") return { done: pod };
    // A pod that runs is not ready until its task is done.
    return phase === "Running"
      ? { seconds: END_SECONDS }
      : { seconds: START_SECONDS, because: podWait(snapshot, pod)?.what };
  });
}

async function untilReady(env: Environment): Promise<void> {
  await poll(env, "the gateway to be ready", async () => {
    const [snapshot, gateways] = await Promise.all([
      takeSnapshot(env.kubectl, [env.namespace]),
      gatewayPods(env),
    ]);
    const pod = gateways.find(({ metadata }) => metadata?.deletionTimestamp === undefined);
    const wait = pod === undefined ? { what: "no pod yet" } : podWait(snapshot, pod);
    return wait === undefined ? { done: true } : { seconds: 2 * START_SECONDS, because: wait.what };
  });
}

type PollResult<T> = { readonly done: T } | {
  readonly seconds: number;
  readonly because?: string | undefined;
};

/** Polls until the result is done, for as long as the last result allows. Prints each new reason to wait. */
async function poll<T>(env: Environment, what: string, read: () => Promise<PollResult<T>>): Promise<T> {
  const begin = Date.now();
  let printed: string | undefined;
  while (true) {
    const seen = await read();
    if ("done" in seen) return seen.done;
    if (Date.now() - begin > seen.seconds * 1000) {
      throw new RestoreFailed(`waited ${seen.seconds} s for ${what}: ${seen.because ?? "no reason given"}`);
    }
    if (seen.because !== printed) {
      env.print(`waiting for ${what}${seen.because === undefined ? "" : `: ${seen.because}`}`);
    }
    printed = seen.because;
    await new Promise((resolve) => setTimeout(resolve, env.pollEvery ?? 1000));
  }
}
