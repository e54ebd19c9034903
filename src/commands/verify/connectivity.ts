/**
 * The connectivity test dials every destination from every workload and compares each cell with the flows.
 *
 * @module
 */

import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import type { Model } from "../../model/model.ts";
import { selectorLabels } from "../../model/workloads.ts";
import {
  type Cell,
  cellsFrom,
  type Destination,
  findingOf,
  isAsExpected,
  subjectOf,
  targetOf,
  type TriedCell,
  UNLABELLED_POD,
} from "./cells.ts";
import { podId, type Subject } from "./expected.ts";
import { type ContainerId, type ProbePod, programOf, runProbe, startProbePod, sweepProbePods } from "./inside.ts";
import { type Result, secondsSince } from "./results.ts";

const CHECK = "network";

/** How long to wait for the policy engine to learn of a new pod, and the interval between two attempts, in milliseconds. */
export interface Settle {
  readonly within: number;
  readonly every: number;
}

/** The options of probe pods. */
interface Probing {
  /** Deletes them. */
  readonly cleanup: AsyncDisposableStack;
  readonly settle: Settle;
}

/** Where connections are made from. */
interface Source {
  readonly name: string;
  /** Its own pod, if its image has node or Python. */
  readonly own?: { readonly container: ContainerId; readonly program: "node" | "python" };
  /** The pod to create instead. */
  readonly probe?: ProbePod;
}

/** The result of the test. */
export interface Connectivity {
  /** One for each cell. */
  readonly results: readonly Result[];
  /** The cells with their outcomes, without those of sources that could not run the probe. */
  readonly tried: readonly TriedCell[];
}

/** Dials every cell. */
export async function checkConnectivity(
  kubectl: Kubectl,
  model: Model,
  subjects: readonly Subject[],
  destinations: readonly Destination[],
  probing: Probing,
): Promise<Connectivity> {
  const sources = await sourcesOf(model, subjects);
  const rows = await Promise.all(sources.map(async (source) => {
    const start = performance.now();
    const cells = cellsFrom(model.flows, source.name, destinations);
    try {
      const tried = await dial(kubectl, source, cells, probing);
      return { tried, seconds: secondsSince(start) };
    } catch (error) {
      if (!(error instanceof KubectlFailed)) throw error;
      const failed = { check: CHECK, subject: `${source.name} -> all`, status: "fail", reason: error.message } as const;
      return { tried: [], failed: { ...failed, seconds: secondsSince(start) } };
    }
  }));
  const all = rows.flatMap(({ tried }) => tried);
  const results = rows.flatMap(({ tried, seconds = 0, failed }): Result[] =>
    failed !== undefined ? [failed] : tried.filter(({ own }) => !own).map((cell): Result => ({
      check: CHECK,
      subject: subjectOf(cell),
      ...findingOf(cell, all),
      seconds,
    }))
  );
  return { results, tried: all };
}

/** Returns every workload, and for each namespace a pod that belongs to no workload. */
async function sourcesOf(model: Model, subjects: readonly Subject[]): Promise<Source[]> {
  const pods = await Promise.all(subjects.map(async (subject) => ({ subject, pod: (await subject.pods())[0] })));
  // A node that has the gateway's image.
  const node = pods.find(({ subject, pod }) => subject.name === "openclaw" && pod !== undefined)?.pod?.spec?.nodeName;
  const probe = (name: string, namespace: string, labels: Readonly<Record<string, string>>): Source => ({
    name,
    ...(node === undefined ? {} : {
      probe: {
        name: `openclaw-verify-${crypto.randomUUID().slice(0, 8)}`,
        namespace,
        labels,
        image: model.config.images.openclaw,
        node,
      },
    }),
  });
  const rows = pods.map(({ subject, pod }): Source => {
    const { name, namespace, deployment } = subject;
    const main = deployment.spec?.template.spec?.containers[0];
    const program = programOf(model.config, main?.image ?? "");
    if (pod !== undefined && main !== undefined && program !== undefined) {
      return { name, own: { container: { namespace, pod: podId(pod).name, container: main.name }, program } };
    }
    return probe(name, namespace, deployment.spec?.selector.matchLabels ?? {});
  });
  // A CronJob has no pod most of the time.
  const others = model.workloads
    .filter(({ name }) => !subjects.some((subject) => subject.name === name))
    .filter(({ kind }) => kind !== "Deployment")
    .map((workload) => probe(workload.name, workload.namespace, selectorLabels(workload)));
  const namespaces = [...new Set(subjects.map(({ namespace }) => namespace))];
  const unlabelled = namespaces.map((namespace) =>
    probe(namespaces.length > 1 ? `${UNLABELLED_POD} of ${namespace}` : UNLABELLED_POD, namespace, {})
  );
  return [...rows, ...others, ...unlabelled];
}

async function dial(
  kubectl: Kubectl,
  { own, probe }: Source,
  cells: readonly Cell[],
  probing: Probing,
): Promise<TriedCell[]> {
  const targets = cells.map(targetOf);
  const tryAll = async (container: ContainerId, program: "node" | "python"): Promise<TriedCell[]> => {
    const { dials } = await runProbe(kubectl, container, program, targets);
    return cells.map((cell, id): TriedCell => ({ ...cell, tries: dials.find((dial) => dial.id === id)?.tries ?? [] }));
  };
  if (own !== undefined) return await tryAll(own.container, own.program);
  if (probe === undefined) {
    throw new KubectlFailed("the gateway's pod is not running, so no probe pod can use its image");
  }
  await sweepProbePods(kubectl, probe.namespace);
  await startProbePod(kubectl, probe, probing.cleanup);
  const container = { namespace: probe.namespace, pod: probe.name, container: "probe" };
  // The policy engine learns of a new pod a moment later; only the state after that counts.
  const end = performance.now() + probing.settle.within;
  for (;;) {
    const tried = await tryAll(container, "node");
    if (tried.every(isAsExpected) || performance.now() > end) return tried;
    await new Promise((done) => setTimeout(done, probing.settle.every));
  }
}
