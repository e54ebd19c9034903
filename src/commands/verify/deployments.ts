/**
 * Deployments and their pods: available, of the pinned images, with the environment of the table and without a token.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { Kubectl } from "../../cluster/kubectl.ts";
import type { Model } from "../../model/model.ts";
import { counted, type Finding, measure, passUnless, type Result, skip } from "./check.ts";
import { type Container, containersOf, deployments, type Expected } from "./expected.ts";
import { liveDeployment, type LivePod, runningPods } from "./live.ts";

/** A Deployment that should be there, and where its pods are. */
export interface Subject {
  readonly name: string;
  readonly namespace: string;
  readonly deployment: IDeployment;
  /** The running pods with its labels. @throws {KubectlFailed} */
  readonly pods: () => Promise<LivePod[]>;
}

/** Every Deployment of the overlay; its pods are asked for once. */
export function subjects(kubectl: Kubectl, expected: Expected): Subject[] {
  return deployments(expected).map((deployment): Subject => {
    const { name = "", namespace = "" } = deployment.metadata ?? {};
    let pods: Promise<LivePod[]> | undefined;
    return {
      name,
      namespace,
      deployment,
      pods: () => pods ??= runningPods(kubectl, namespace, deployment.spec?.selector.matchLabels ?? {}),
    };
  });
}

/** The checks of every Deployment. */
export async function checkDeployments(kubectl: Kubectl, model: Model, all: readonly Subject[]): Promise<Result[]> {
  const results = await Promise.all(all.map(async (subject) => [
    await measure("deployment", subject.name, () => available(kubectl, subject)),
    await measure("images", subject.name, () => ofPods(subject, images)),
    await measure("environment", subject.name, () => ofPods(subject, (pod) => environment(pod, subject, model))),
    await measure("token", subject.name, () => ofPods(subject, token)),
  ]));
  return results.flat();
}

async function available(kubectl: Kubectl, { name, namespace }: Subject): Promise<Finding> {
  const live = await liveDeployment(kubectl, namespace, name);
  return passUnless([
    ...(live.observed < live.generation ? [`generation ${live.generation} not yet observed`] : []),
    ...(live.wanted === 0 ? ["scaled to 0"] : []),
    ...(live.updated < live.wanted ? [`${live.updated} of ${live.wanted} pods are of this generation`] : []),
    ...(live.isAvailable && live.available >= live.wanted
      ? []
      : [`${live.available} of ${live.wanted} pods are available${live.why === "" ? "" : `: ${live.why}`}`]),
    ...(live.total > live.updated ? ["an older pod is still there"] : []),
  ], `${live.available} available at generation ${live.generation}`);
}

/** The faults of each pod; none of a Deployment that has no pod is no pass. */
async function ofPods(
  subject: Subject,
  look: (pod: LivePod, subject: Subject) => { faults: string[]; good: string },
): Promise<Finding> {
  const pods = await subject.pods();
  if (pods.length === 0) return skip("no pod runs");
  const looks = pods.map((pod) => look(pod, subject));
  return passUnless(looks.flatMap(({ faults }) => faults), looks[0]?.good ?? "");
}

function images({ containers }: LivePod, { deployment }: Subject) {
  const wanted = containersOf(deployment);
  const faults = wanted.flatMap(({ name, image }) => {
    const live = containers.find((container) => container.name === name);
    if (live === undefined) return [`no container ${name}`];
    return live.image === image ? [] : [`${name} runs ${live.image}, pack.yaml pins ${image}`];
  });
  const strangers = containers.filter(({ name }) => !wanted.some((container) => container.name === name));
  return {
    faults: [...faults, ...strangers.map(({ name, image }) => `unexpected container: ${name} (${image})`)],
    good: `${counted(containers.length, "container")} of the pinned images`,
  };
}

/** Variables that another controller adds, such as Reloader, are accepted unless they hold a secret. */
function environment({ containers }: LivePod, { deployment }: Subject, model: Model) {
  const secretNames = new Set(secretVariables(model));
  let count = 0;
  const faults = containersOf(deployment).flatMap((wanted) => {
    const live = containers.find(({ name }) => name === wanted.name);
    if (live === undefined) return [`no container ${wanted.name}`];
    const should = references(wanted);
    const is = live.env
      .filter(({ name, secret }) => secret !== undefined || secretNames.has(name))
      .map(({ name, secret, key }) => `${name} (${secret === undefined ? "written out" : `${secret}/${key}`})`);
    count += should.length;
    return [
      ...(live.envFrom ? [`${wanted.name} takes in a whole Secret or ConfigMap`] : []),
      ...should.filter((row) => !is.includes(row)).map((row) => `${wanted.name} lacks ${row}`),
      ...is.filter((row) => !should.includes(row)).map((row) => `${wanted.name} has ${row}, which is not its own`),
    ];
  });
  return {
    faults,
    good: count === 0 ? "no secret" : `${counted(count, "variable")} with its own secrets, and no other`,
  };
}

/** The variables of every workload that hold a secret. */
export function secretVariables(model: Model): string[] {
  return model.secrets.flatMap(({ readers }) => readers.flatMap(({ env }) => [...env]));
}

function references({ env = [] }: Container): string[] {
  return env.flatMap(({ name, valueFrom }) =>
    valueFrom?.secretKeyRef === undefined
      ? []
      : [`${name} (${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key})`]
  );
}

function token({ token }: LivePod) {
  return { faults: token ? ["a service account token is mounted"] : [], good: "no service account token is mounted" };
}

/** For checks that ask inside one pod: the first one that is ready. */
export async function inPod(subject: Subject, ask: (pod: LivePod) => Promise<Finding>): Promise<Finding> {
  const pod = (await subject.pods())[0];
  return pod === undefined ? skip("no pod runs") : await ask(pod);
}
