/**
 * Listing, drill and restore on a live cluster (requirement B15).
 *
 * A restore never stops the gateway by its Deployment: Argo CD would scale it up again in the middle. It puts the restored state
 * beside the present one and lets the gateway's pod start anew; the pod's first step, which runs while no gateway does, swaps
 * the two. The present state is kept.
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

/** What a restore needs from outside. */
export interface Environment {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  /** The gateway's row of the model. */
  readonly gateway: Workload;
  /** Commands that would change something are printed, not run. */
  readonly dryRun: boolean;
  /** One line for the user. */
  readonly say: (line: string) => void;
  /** Asks; only `true` goes on. */
  readonly confirm: (question: string) => boolean;
  /** Milliseconds between two looks at a pod. Default 1000. */
  readonly pollEvery?: number;
}

/** Prints the archives of the volume. */
export async function listArchives(env: Environment): Promise<void> {
  const output = await inPod(env, ["list"]);
  if (output !== undefined) env.say(archiveTable(output).trimEnd());
}

/** Restores an archive into a throw-away folder and reads it there. */
export async function drill(env: Environment, archive: string): Promise<void> {
  const output = await inPod(env, ["drill", archive]);
  if (output !== undefined) env.say(output.trimEnd());
}

/** Puts the state of an archive in place of the present one. @throws {RestoreFailed} if it is not wanted after all, too */
export async function restore(env: Environment, archive: string): Promise<void> {
  const question =
    `${archive === "latest" ? "The newest archive" : archive} takes the place of the assistant's state in ` +
    `namespace ${env.namespace}, context ${env.kubectl.context}. The assistant restarts and forgets what came later; ` +
    " the present state is kept on the volume. Go on?";
  if (!env.dryRun && !env.confirm(question)) throw new RestoreFailed("nothing was changed");
  const output = await inPod(env, ["prepare", archive], { alone: true });
  if (output !== undefined) env.say(output.trimEnd());
  if ((await gatewayPods(env)).length === 0 && !env.dryRun) {
    env.say("no gateway is running; its next start takes up the restored state");
    return;
  }
  env.say("restarting the gateway");
  await change(env, ["delete", "pod", `--selector=${selector(env)}`, "--wait=true"]);
  if (env.dryRun) return;
  await untilReady(env);
  for (const line of await swapLog(env)) env.say(line);
  env.say("the gateway is ready again, with the restored state");
}

/** What prepare-state.sh told of it: in its init step, or in the gateway's own container where there is none, as in the trial. */
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
  env.say(`${args.join(" ")}: ${name}`);
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

/** A command that changes something in the cluster. */
async function change(env: Environment, args: readonly string[], input?: string): Promise<string | undefined> {
  if (!env.dryRun) return await run(env, args, input);
  const command = ["kubectl", `--context=${env.kubectl.context}`, `--namespace=${env.namespace}`, ...args].join(" ");
  env.say(command + (input === undefined ? "" : ` <<'EOF'\n${input}\nEOF`));
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

type Look<T> = { readonly done: T } | {
  readonly seconds: number;
  readonly because?: string | undefined;
};

/** Looks until it is done, for as long as the last look allows; tells each new reason to wait. */
async function poll<T>(env: Environment, what: string, look: () => Promise<Look<T>>): Promise<T> {
  const begin = Date.now();
  let told: string | undefined;
  while (true) {
    const seen = await look();
    if ("done" in seen) return seen.done;
    if (Date.now() - begin > seen.seconds * 1000) {
      throw new RestoreFailed(`waited ${seen.seconds} s for ${what}: ${seen.because ?? "no reason given"}`);
    }
    if (seen.because !== told) env.say(`waiting for ${what}${seen.because === undefined ? "" : `: ${seen.because}`}`);
    told = seen.because;
    await new Promise((resolve) => setTimeout(resolve, env.pollEvery ?? 1000));
  }
}
