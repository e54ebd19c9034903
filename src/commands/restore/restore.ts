/**
 * Lists, tests and restores archives on a live cluster (requirement B15).
 *
 * A restore never scales the gateway's Deployment down, because Argo CD would scale it up again during the restore. Instead it
 * puts the restored state and workspace next to the current ones and restarts the gateway's pod. The pod's first init container,
 * which runs while no gateway does, swaps them. The current ones are kept.
 *
 * @module
 */

import type { IPod } from "kubernetes-models/v1/Pod";
import type { Kubectl } from "../../cluster/kubectl.ts";
import { hasLabels, labelSelector } from "../../cluster/pods.ts";
import { list, takeSnapshot } from "../../cluster/snapshot.ts";
import { podWait } from "../../cluster/wait.ts";
import { BACKUP } from "../../generate/kubernetes/backup.ts";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import { once } from "../../values/once.ts";
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
  /** Deletes what the command has created; dispose of it in any case. */
  readonly cleanup: AsyncDisposableStack;
  /** Milliseconds between two reads of a pod. Default 1000. */
  readonly pollEvery?: number;
}

/** Prints the archives. */
export async function listArchives(env: Environment): Promise<void> {
  const output = await inPod(env, ["list"]);
  if (output !== undefined) env.print(archiveTable(output).trimEnd());
}

/** Restores an archive into a temporary folder and reads it there. */
export async function drill(env: Environment, archive: string): Promise<void> {
  const output = await inPod(env, ["drill", archive]);
  if (output !== undefined) env.print(output.trimEnd());
}

/** Returns the question to ask before a restore. */
export function restoreQuestion({ kubectl, namespace }: Pick<Environment, "kubectl" | "namespace">, archive: string) {
  return `${
    archive === "latest" ? "The newest good archive" : archive
  } replaces the assistant's state and workspace in namespace ` +
    `${namespace}, context ${kubectl.context}. The assistant restarts and forgets anything newer than the archive; ` +
    "the current ones are kept on their volumes. Continue?";
}

/** Minutes in which the gateway must start to install a restored state. Deleting its pod takes a minute at most. */
const DEADLINE = 10;

/**
 * Replaces the current state with that of an archive. The restored state is installed by the gateway's next start. If the restore
 * fails before it has stopped the gateway, it is called off; if it is interrupted or killed, a start after {@linkcode DEADLINE}
 * ignores it.
 *
 * @throws {RestoreFailed} if the restore fails
 */
export async function restore(env: Environment, archive: string): Promise<void> {
  const running = (await gatewayPods(env)).length > 0;
  const output = await inPod(env, ["prepare", archive, ...(running ? [String(DEADLINE)] : [])], { alone: true });
  if (output !== undefined) env.print(output.trimEnd());
  if (!running && !env.dryRun) {
    env.print(`no gateway is running; its next start installs the restored state\n${howToCancel(env)}`);
    return;
  }
  let step: "pending" | "restarting" | "done" = env.dryRun ? "done" : "pending";
  env.cleanup.defer(() => {
    if (step === "done") return;
    env.print(`a start of the gateway within ${DEADLINE} min installs the restored state\n${howToCancel(env)}`);
  });
  try {
    env.print("restarting the gateway");
    await change(env, ["delete", "pod", `--selector=${selector(env)}`, "--wait=true"]);
    if (env.dryRun) return;
    step = "restarting";
    await untilReady(env);
    for (const line of await swapLog(env)) env.print(line);
    env.print("the gateway is ready again, with the restored state");
    step = "done";
  } catch (error) {
    if (step === "pending") {
      await cancelRestore(env);
      step = "done";
    }
    throw error;
  }
}

/** Calls off a restore that the gateway has not installed yet. */
export async function cancelRestore(env: Environment): Promise<void> {
  const output = await inPod(env, ["cancel"]);
  if (output !== undefined) env.print(output.trimEnd());
}

function howToCancel({ kubectl, namespace }: Environment): string {
  return `to call it off: deno task restore --context ${kubectl.context} --namespace ${namespace} --cancel`;
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
  const task = args.slice(0, 2).join(" ");
  const name = `openclaw-restore-${crypto.randomUUID().slice(0, 8)}`;
  const manifest = JSON.stringify(restorePod(cronJob, { args, besideGateway, name }), null, 2);
  if (env.dryRun) {
    await change(env, ["create", "--filename=-"], manifest);
    return undefined;
  }
  const created = change(env, ["create", "--filename=-"], manifest);
  const remove = once(async () => {
    await created.catch(() => undefined);
    await run(env, ["delete", "pod", name, "--wait=false", "--ignore-not-found"]);
  });
  env.cleanup.defer(remove);
  try {
    await created;
    env.print(`${task}: pod/${name}`);
    const { status } = await ended(env, name);
    const output = await run(env, ["logs", name]);
    if (status?.phase === "Succeeded") return output;
    throw new RestoreFailed(
      `${task} failed: ${output.trim() || status?.message || "the pod exited with no output"}`,
    );
  } finally {
    await remove();
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
  return pods.filter(({ status }) => !hasEnded(status));
}

function hasEnded(status: IPod["status"]): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function selector({ gateway }: Environment): string {
  return labelSelector(selectorLabels(gateway));
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

async function ended(env: Environment, name: string): Promise<IPod> {
  return await poll(env, `pod/${name} to end`, async () => {
    const snapshot = await takeSnapshot(env.kubectl, [env.namespace]);
    const pod = snapshot.pods.find(({ metadata }) => metadata?.name === name);
    if (pod === undefined) throw new RestoreFailed(`pod/${name} was deleted before it ended`);
    if (hasEnded(pod.status)) return { done: pod };
    // A pod that runs is not ready until its task is done.
    return pod.status?.phase === "Running"
      ? { seconds: END_SECONDS }
      : { seconds: START_SECONDS, because: podWait(snapshot, pod)?.what };
  });
}

async function untilReady(env: Environment): Promise<void> {
  await poll(env, "the gateway to be ready", async () => {
    const snapshot = await takeSnapshot(env.kubectl, [env.namespace]);
    const labels = selectorLabels(env.gateway);
    const pod = snapshot.pods.find(({ metadata, status }) =>
      hasLabels(metadata, labels) && metadata?.deletionTimestamp === undefined && !hasEnded(status)
    );
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
