/**
 * Lists, tests and restores archives on a live cluster (requirement B15).
 *
 * A restore never scales the gateway's Deployment down, because Argo CD would scale it up again during the restore. Instead it
 * puts the restored state next to the current one and restarts the gateway's pod. The pod's first init container, which runs
 * while no gateway does, swaps the two. The current state is kept.
 *
 * @module
 */

import { BACKUP } from "../../generate/kubernetes/backup.ts";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import { archiveTable } from "./archives.ts";
import { RestoreFailed } from "./failed.ts";
import { type CronJob, restorePod } from "./pod.ts";

/** The environment of a restore. */
export interface Environment {
  /** A context of the kubeconfig. */
  readonly context: string;
  readonly namespace: string;
  /** Runs kubectl in this context and namespace, and returns its output. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
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
    `${env.namespace}, context ${env.context}. The assistant restarts and forgets anything newer than the archive; ` +
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
  const log = await env.kubectl(["logs", `--selector=${selector(env)}`, "--all-containers", "--tail=-1"]);
  return log.split("\n").filter((line) => line.startsWith("restore: "));
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: Waiting } }[];
    readonly initContainerStatuses?: readonly { readonly state?: { readonly waiting?: Waiting } }[];
  };
}

interface Waiting {
  readonly reason?: string;
  readonly message?: string;
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
  const besideGateway = (await gatewayPods(env)).some(({ spec }) => spec.nodeName !== undefined);
  const manifest = JSON.stringify(restorePod(cronJob, { args, besideGateway }), null, 2);
  const created = await change(env, ["create", "--filename=-", "--output=name"], manifest);
  if (created === undefined) return undefined;
  const name = created.trim();
  env.print(`${args.join(" ")}: ${name}`);
  try {
    const { status } = await ended(env, name);
    const output = await env.kubectl(["logs", name]);
    if (status?.phase === "Succeeded") return output;
    throw new RestoreFailed(
      `${args.join(" ")} failed: ${output.trim() || waitingFor(status) || "the pod exited with no output"}`,
    );
  } finally {
    await env.kubectl(["delete", name, "--wait=false", "--ignore-not-found"]);
  }
}

async function backupCronJob({ kubectl, namespace }: Environment): Promise<CronJob> {
  const text = await kubectl(["get", "cronjob", BACKUP, "--output=json", "--ignore-not-found"]);
  if (text.trim() !== "") return JSON.parse(text) as CronJob;
  throw new RestoreFailed(
    `namespace ${namespace} has no CronJob ${BACKUP}: is it the right context, and backup.enabled on?`,
  );
}

async function gatewayPods(env: Environment): Promise<Pod[]> {
  const text = await env.kubectl(["get", "pods", `--selector=${selector(env)}`, "--output=json"]);
  const { items } = JSON.parse(text) as { items: Pod[] };
  return items.filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed");
}

function selector({ gateway }: Environment): string {
  return Object.entries(selectorLabels(gateway)).map((pair) => pair.join("=")).join(",");
}

/** Runs a command that changes something in the cluster, or prints it on a dry run. */
async function change(env: Environment, args: readonly string[], input?: string): Promise<string | undefined> {
  if (!env.dryRun) return await env.kubectl(args, input);
  const command = ["kubectl", `--context=${env.context}`, `--namespace=${env.namespace}`, ...args].join(" ");
  env.print(command + (input === undefined ? "" : ` <<'EOF'\n${input}\nEOF`));
  return undefined;
}

const START_SECONDS = 300;
const END_SECONDS = 1800;

async function ended(env: Environment, name: string): Promise<Pod> {
  return await poll(env, `${name} to end`, async () => {
    const pod = JSON.parse(await env.kubectl(["get", name, "--output=json"])) as Pod;
    const { phase = "Pending" } = pod.status ?? {};
    return phase === "Succeeded" || phase === "Failed"
      ? { done: pod }
      : { seconds: phase === "Running" ? END_SECONDS : START_SECONDS, because: waitingFor(pod.status) };
  });
}

async function untilReady(env: Environment): Promise<void> {
  await poll(env, "the gateway to be ready", async () => {
    const pods = (await gatewayPods(env)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const ready = pods.some(({ status }) =>
      status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True")
    );
    return ready ? { done: true } : { seconds: 2 * START_SECONDS, because: waitingFor(pods[0]?.status) };
  });
}

type PollResult<T> = { readonly done: T } | { readonly seconds: number; readonly because: string };

/** Polls until the result is done, for as long as the last result allows. Prints each new reason to wait. */
async function poll<T>(env: Environment, what: string, read: () => Promise<PollResult<T>>): Promise<T> {
  const begin = Date.now();
  let printed: string | undefined;
  while (true) {
    const seen = await read();
    if ("done" in seen) return seen.done;
    if (Date.now() - begin > seen.seconds * 1000) {
      throw new RestoreFailed(`waited ${seen.seconds} s for ${what}: ${seen.because || "no reason given"}`);
    }
    if (seen.because !== printed) env.print(`waiting for ${what}${seen.because === "" ? "" : `: ${seen.because}`}`);
    printed = seen.because;
    await new Promise((resolve) => setTimeout(resolve, env.pollEvery ?? 1000));
  }
}

/** Returns why a pod does not run yet, in Kubernetes' own words. */
function waitingFor(status: Pod["status"]): string {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = containers.map(({ state }) => state?.waiting).find((state) => state !== undefined);
  const unscheduled = status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
  return [unscheduled?.message ?? waiting?.reason, waiting?.message].filter((text) => text !== undefined).join(": ");
}
