/**
 * Runs the probe in a container with a program of its image: node in the gateway's, Python in LiteLLM's and the sandboxes'.
 * cloudflared's image has neither, so a probe pod stands in for it.
 *
 * @module
 */

import type { IPod } from "kubernetes-models/v1/Pod";
import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import type { PackConfig } from "../../config/schema.ts";
import { CONTAINER_DEFAULTS, lockedDown, POD_DEFAULTS, SMALL_RESOURCES } from "../../generate/kubernetes/pod.ts";
import nodeProbe from "./probe.cjs" with { type: "text" };
import pythonProbe from "./probe.py" with { type: "text" };

/** Something to dial. */
export interface DialTarget {
  /** Returned with the outcome. */
  readonly id: number;
  readonly protocol: "TCP" | "UDP";
  /** An address or a name; `@resolver` is the pod's resolver. */
  readonly host: string;
  readonly port: number;
  /** Bytes to send by UDP, in hexadecimal. */
  readonly payload?: string;
}

/** What a container reported. */
export interface ProbeReport {
  readonly uid: number;
  /** Names of the variables of its first process. */
  readonly variables: readonly string[];
  /** Whether there is a service account token where one would be mounted. */
  readonly token: boolean;
  /** The outcome of each attempt: `open`, `timeout`, or an error code. */
  readonly dials: readonly { readonly id: number; readonly tries: readonly string[] }[];
}

/** A program that can run the probe. */
type Program = "node" | "python";

/** Commands that start each program; images use different names. */
const COMMANDS: Record<Program, readonly (readonly string[])[]> = {
  node: [["node", "-e", nodeProbe]],
  python: [["python3", "-c", pythonProbe], ["python", "-c", pythonProbe]],
};

/** Returns the program that an image of the pack has. */
export function programOf({ images, sandbox }: PackConfig, image: string): Program | undefined {
  if (image === images.openclaw) return "node";
  return image === images.litellm || image === sandbox.image ? "python" : undefined;
}

/** Identifies a container. */
export interface ContainerId {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Runs the probe inside a container.
 *
 * @param wrap a command that starts the probe elsewhere, such as `docker run ...`
 * @throws {KubectlFailed}
 */
export async function runProbe(
  kubectl: Kubectl,
  { namespace, pod, container }: ContainerId,
  program: Program,
  targets: readonly DialTarget[] = [],
  wrap: readonly string[] = [],
): Promise<ProbeReport> {
  let failure: unknown;
  for (const command of COMMANDS[program]) {
    const args = ["exec", `--namespace=${namespace}`, pod, `--container=${container}`, "--"];
    try {
      return JSON.parse(await kubectl.run([...args, ...wrap, ...command, JSON.stringify(targets)])) as ProbeReport;
    } catch (error) {
      failure = error;
      if (!(error instanceof KubectlFailed && /not found|no such file/i.test(error.message))) throw error;
    }
  }
  throw failure;
}

/** Label of the pods that verify creates. */
export const PROBE_LABEL = "openclaw-pack/verify";

/** Seconds after which the kubelet ends a pod that was not deleted. */
const DEADLINE = 300;
/** Time for the kubelet to start it; the node already has the image. */
const START = "90s";

/**
 * A short-lived pod that runs the probe if a workload's own image has no program for it. It has the labels by which policies
 * select the workload. It is not part of the Deployment (no pod-template-hash), and it is never ready, so no Service routes to
 * it.
 */
export interface ProbePod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** An image with node that the Kubernetes node already has. */
  readonly image: string;
  readonly node: string;
}

/** Returns its manifest, which PodSecurity `restricted` admits. */
export function probePod({ name, namespace, labels, image, node }: ProbePod): IPod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { ...labels, [PROBE_LABEL]: "true" } },
    spec: {
      ...POD_DEFAULTS,
      // The node with the image. The scheduler is bypassed, but a NoExecute taint would still evict the pod.
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
        // The image's entry point forwards signals.
        args: ["node", "-e", `setTimeout(() => {}, ${DEADLINE * 1000})`],
        resources: SMALL_RESOURCES,
        securityContext: lockedDown({ uid: 1000 }),
      }],
    },
  };
}

/** Creates a probe pod and waits until it runs. `cleanup` deletes it. @throws {KubectlFailed} if it does not run */
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
      throw new KubectlFailed(
        `could not delete ${pod.name}, which ends on its own after ${DEADLINE} s: ${error.message}`,
      );
    }
  });
  await created;
  await run(["wait", "pod", ...named, "--for=jsonpath={.status.phase}=Running", `--timeout=${START}`], {
    timeout: 100_000,
  });
}

/** Deletes pods of an earlier run whose deadline has passed. @throws {KubectlFailed} */
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
