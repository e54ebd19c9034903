/**
 * Checks that Deployments are available, and that their pods have the pinned images, only their own secrets and no token.
 * Checks that no key is on a node where the agent's commands run.
 *
 * @module
 */

import type { IPod } from "kubernetes-models/v1/Pod";
import { KubectlFailed } from "../../cluster/kubectl.ts";
import { containersIn, isTrue } from "../../cluster/pods.ts";
import { workloadStates } from "../../cluster/workload_state.ts";
import type { PackConfig } from "../../config/schema.ts";
import type { Model } from "../../model/model.ts";
import { AGENT_SIDE, KEY_HOLDERS } from "../../tables/apart.ts";
import type { WorkloadName } from "../../tables/workloads.ts";
import { type Container, containersOf, type OverlayName, type Subject } from "./expected.ts";
import { counted, fail, type Finding, measure, pass, passUnless, type Result, skip } from "./results.ts";

/** Returns four results for each Deployment. */
export async function checkDeployments(model: Model, all: readonly Subject[]): Promise<Result[]> {
  const results = await Promise.all(all.map(async (subject) => [
    await measure("deployment", subject.name, () => available(subject)),
    await measure("images", subject.name, () => ofPods(subject, images)),
    await measure("environment", subject.name, () => ofPods(subject, (pod) => environment(pod, subject, model))),
    await measure("token", subject.name, () => ofPods(subject, token)),
  ]));
  return results.flat();
}

async function available(subject: Subject): Promise<Finding> {
  const { name, namespace } = subject;
  const deployment = await subject.live();
  if (deployment === undefined) return fail(`no Deployment ${name} in namespace ${namespace}`);
  const { metadata, spec, status } = deployment;
  const [generation = 0, wanted = 1] = [metadata?.generation, spec?.replicas];
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  const isReady = isTrue(status, "Available") && availableReplicas >= wanted;
  return passUnless([
    ...(observedGeneration < generation ? [`generation ${generation} not yet observed`] : []),
    ...(wanted === 0 ? ["scaled to 0"] : []),
    ...(updatedReplicas < wanted ? [`${updatedReplicas} of ${wanted} pods are of this generation`] : []),
    ...(isReady
      ? []
      : [[`${availableReplicas} of ${wanted} pods are available`, ...await waitsOf(subject)].join(": ")]),
    ...(replicas > updatedReplicas ? ["an older pod still exists"] : []),
  ], `${availableReplicas} available at generation ${generation}`);
}

/** Returns what the pods of a Deployment wait for, or nothing if the user may not read events and ReplicaSets. */
async function waitsOf({ name, namespace, snapshot }: Subject): Promise<string[]> {
  try {
    return workloadStates(await snapshot(), [{ namespace, name }]).flatMap(({ pod, wait }) =>
      wait === undefined ? [] : [pod === undefined ? wait.what : `${pod}: ${wait.what}`]
    );
  } catch (error) {
    if (error instanceof KubectlFailed) return [];
    throw error;
  }
}

/** The errors of one pod, and the reason if there are none. */
interface PodFinding {
  readonly errors: readonly string[];
  readonly good: string;
}

/** Checks each pod of a Deployment. Skips if no pod is running. */
async function ofPods(subject: Subject, check: (pod: IPod, subject: Subject) => PodFinding): Promise<Finding> {
  const findings = (await subject.pods()).map((pod) => check(pod, subject));
  const [first] = findings;
  return first === undefined
    ? skip("no pod is running")
    : passUnless(findings.flatMap(({ errors }) => errors), first.good);
}

function images(pod: IPod, { deployment }: Subject): PodFinding {
  const [wanted, live] = [containersOf(deployment), containersIn(pod.spec)];
  const wrong = wanted.flatMap(({ name, image }) => {
    const container = live.find((container) => container.name === name);
    if (container === undefined) return [`no container ${name}`];
    return container.image === image ? [] : [`${name} runs ${container.image}, pack.yaml pins ${image}`];
  });
  const unexpected = live.filter(({ name }) => !wanted.some((container) => container.name === name));
  return {
    errors: [...wrong, ...unexpected.map(({ name, image }) => `unexpected container: ${name} (${image})`)],
    good: `${counted(live.length, "container")} of the pinned images`,
  };
}

/** Variables that another controller adds, such as Reloader, are accepted unless they hold a secret. */
function environment(pod: IPod, { deployment }: Subject, model: Model): PodFinding {
  const secretNames = new Set(secretVariables(model));
  let count = 0;
  const errors = containersOf(deployment).flatMap((wanted) => {
    const live = containersIn(pod.spec).find(({ name }) => name === wanted.name);
    if (live === undefined) return [`no container ${wanted.name}`];
    const should = references(wanted);
    const writtenOut = (live.env ?? [])
      .filter(({ name, valueFrom }) => valueFrom?.secretKeyRef === undefined && secretNames.has(name))
      .map(({ name }) => `${name} (written out)`);
    const is = [...references(live), ...writtenOut];
    count += should.length;
    return [
      ...((live.envFrom ?? []).length > 0 ? [`${wanted.name} imports an entire Secret or ConfigMap (envFrom)`] : []),
      ...should.filter((row) => !is.includes(row)).map((row) => `${wanted.name} lacks ${row}`),
      ...is.filter((row) => !should.includes(row)).map((row) => `${wanted.name} has ${row}, which it should not have`),
    ];
  });
  return {
    errors,
    good: count === 0 ? "no secret" : `${counted(count, "variable")} with its own secrets, and no other`,
  };
}

/** Returns the variables that hold a secret in any workload. */
export function secretVariables(model: Model): string[] {
  return model.secrets.flatMap(({ readers }) => readers.flatMap(({ env }) => [...env]));
}

function references({ env = [] }: Pick<Container, "env">): string[] {
  return env.flatMap(({ name, valueFrom }) =>
    valueFrom?.secretKeyRef === undefined
      ? []
      : [`${name} (${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key})`]
  );
}

function token({ spec }: IPod): PodFinding {
  const mounted = spec?.volumes?.some(({ projected }) =>
    projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined)
  );
  return {
    errors: mounted ? ["a service account token is mounted"] : [],
    good: "no service account token is mounted",
  };
}

/**
 * Returns one result for each workload with a key. Anyone who takes over a node from the gateway's pod or the ssh sandbox's
 * pod can read the Secrets of every pod there.
 */
export async function checkApart(model: Model, overlay: OverlayName, all: readonly Subject[]): Promise<Result[]> {
  const subjectsOf = (names: readonly WorkloadName[]) =>
    model.workloads.filter(({ name }) => names.includes(name)).flatMap((workload) =>
      all.filter(({ name, namespace }) => name === workload.name && namespace === workload.namespace)
        .map(({ pods }) => ({ workload, pods }))
    );
  const agents = subjectsOf(AGENT_SIDE);
  return await Promise.all(
    subjectsOf(KEY_HOLDERS).map(({ workload, pods }) =>
      measure("apart", workload.name, async () => {
        if (overlay !== "prod") return skip(`overlays/${overlay} keeps nothing apart: a trial has one node`);
        const others = await Promise.all(agents.map(({ pods }) => pods()));
        const secrets = workload.readers.map(({ secret }) => secret.name);
        return apart(model.config.cluster.keysApart, workload.name, secrets, await pods(), others.flat());
      })
    ),
  );
}

function apart(
  keysApart: PackConfig["cluster"]["keysApart"],
  name: string,
  secrets: readonly string[],
  keys: readonly IPod[],
  agents: readonly IPod[],
): Finding {
  if (keys.length === 0) return skip(`no pod of ${name} is running`);
  if (agents.length === 0) return skip("no pod that runs the agent's commands is running");
  const shared = keys.flatMap((key) =>
    agents.filter((agent) => nodeOf(agent) === nodeOf(key)).map((agent) =>
      `${nameOf(key)} shares node ${nodeOf(key)} with ${nameOf(agent)}`
    )
  ).join("; ");
  if (shared === "") return pass(`on ${listed(keys.map(nodeOf))}, away from ${listed(agents.map(nameOf))}`);
  switch (keysApart) {
    case "required":
      return fail(
        `${shared}: anyone who takes over that node can read ${listed(secrets)}, and cluster.keysApart is required; ` +
          `apply overlays/prod, then delete the pod of ${name}`,
      );
    case "preferred":
      return pass(`${shared}; cluster.keysApart is preferred, and there was no better node`);
    case "off":
      return skip(`${shared}; cluster.keysApart is off`);
  }
}

const nodeOf = ({ spec }: IPod) => spec?.nodeName ?? "";
const nameOf = ({ metadata }: IPod) => metadata?.name ?? "";

function listed(names: readonly string[]): string {
  return [...new Set(names)].join(" and ");
}
