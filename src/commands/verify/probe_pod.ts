/**
 * A short-lived pod to ask from, where a workload's own image has no program: it has the labels that the workload's policy
 * selects by, but is no part of its Deployment (no pod-template-hash) and never Ready, so that no Service sends it anything.
 *
 * @module
 */

import type { IPod } from "kubernetes-models/v1/Pod";
import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import { CONTAINER_DEFAULTS, lockedDown, POD_DEFAULTS, SMALL_RESOURCES } from "../../generate/kubernetes/pod.ts";
import { PROBE_LABEL } from "./live.ts";

/** Seconds after which the kubelet ends a pod that was left behind. */
const DEADLINE = 300;
/** For the kubelet to start it; the image is on the node already. */
const START = "90s";

/** What a probe pod is to look like. */
export interface ProbePod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** An image with node, which the node has already. */
  readonly image: string;
  readonly node: string;
}

/** Its manifest: PodSecurity `restricted` lets it in. */
export function probePod({ name, namespace, labels, image, node }: ProbePod): IPod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { ...labels, [PROBE_LABEL]: "true" } },
    spec: {
      ...POD_DEFAULTS,
      // Where the image is; the scheduler has no say, but a taint NoExecute would end the pod.
      nodeName: node,
      tolerations: [{ operator: "Exists" }],
      restartPolicy: "Never",
      activeDeadlineSeconds: DEADLINE,
      terminationGracePeriodSeconds: 1,
      // Nothing ever sets this condition, so the pod never becomes ready.
      readinessGates: [{ conditionType: "openclaw-pack/never" }],
      containers: [{
        name: "probe",
        image,
        ...CONTAINER_DEFAULTS,
        // The image's entry point passes signals on.
        args: ["node", "-e", `setTimeout(() => {}, ${DEADLINE * 1000})`],
        resources: SMALL_RESOURCES,
        securityContext: lockedDown({ uid: 1000 }),
      }],
    },
  };
}

/** Creates it and waits until it runs. `cleanup` deletes it in any case. @throws {KubectlFailed} if it does not run */
export async function startProbePod({ run }: Kubectl, pod: ProbePod, cleanup: AsyncDisposableStack): Promise<void> {
  const manifest = JSON.stringify(probePod(pod));
  const created = run(["create", "--filename=-"], { input: manifest });
  const named = [pod.name, `--namespace=${pod.namespace}`];
  cleanup.defer(async () => {
    await created.catch(() => undefined);
    try {
      await run(["delete", "pod", ...named, "--ignore-not-found", "--timeout=20s"]);
    } catch (error) {
      if (!(error instanceof KubectlFailed)) throw error;
      throw new KubectlFailed(`${pod.name} is left, and ends by itself after ${DEADLINE} s: ${error.message}`);
    }
  });
  await created;
  await run(["wait", "pod", ...named, "--for=jsonpath={.status.phase}=Running", `--timeout=${START}`], {
    timeout: 100_000,
  });
}

/** Deletes what an earlier run left behind: pods that their deadline has ended. @throws {KubectlFailed} */
export async function sweepProbePods({ run }: Kubectl, namespace: string): Promise<void> {
  await run([
    "delete",
    "pod",
    `--namespace=${namespace}`,
    `--selector=${PROBE_LABEL}=true`,
    "--field-selector=status.phase=Failed",
    "--wait=false",
  ]);
}
