/**
 * A trial's objects for tests: what kustomize would render from the committed base, and what a cluster would return for it.
 *
 * @module
 */

import { parseOverlay, TRIAL_OVERLAY, type TrialOverlay } from "../../../../src/commands/trial/overlay.ts";
import type { Wait } from "../../../../src/cluster/wait.ts";
import type { WorkloadId } from "../../../../src/cluster/workload_state.ts";

const BASE = "kustomize/base";
const FILES = ["namespace-openclaw", "deployment-openclaw", "deployment-litellm"];

/** Returns the objects that a trial reads, as text. */
export async function rendered(): Promise<string> {
  const texts = await Promise.all(FILES.map((name) => Deno.readTextFile(`${BASE}/${name}.yaml`)));
  return texts.join("---\n");
}

/** Returns the overlay of a trial. */
export async function trialOverlay(): Promise<TrialOverlay> {
  return parseOverlay(TRIAL_OVERLAY, await rendered());
}

/** The state of a workload: ready, or with a container in this state. */
export type Health = "ready" | { readonly state: object; readonly restartCount?: number };

/** Returns what `kubectl get -o json` prints for workloads, each with one pod of one container. */
export function listOf(workloads: readonly (readonly [id: WorkloadId, health: Health])[]): string {
  return JSON.stringify({ items: workloads.flatMap(([id, health]) => objectsOf(id, health)) });
}

function objectsOf({ namespace, name }: WorkloadId, health: Health): object[] {
  const ready = health === "ready";
  const annotations = { "deployment.kubernetes.io/revision": "1" };
  const container = ready
    ? { name, ready, started: true, restartCount: 0, state: { running: {} } }
    : { name, ready, started: false, restartCount: 0, ...health };
  const count = ready ? 1 : 0;
  return [
    {
      kind: "Deployment",
      metadata: { name, namespace, annotations, generation: 1 },
      spec: { replicas: 1 },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: count },
    },
    {
      kind: "ReplicaSet",
      metadata: { name: `${name}-1`, namespace, annotations, ownerReferences: [{ kind: "Deployment", name }] },
    },
    {
      kind: "Pod",
      metadata: { name: `${name}-1-a`, namespace, ownerReferences: [{ kind: "ReplicaSet", name: `${name}-1` }] },
      spec: { containers: [{ name }] },
      status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }], containerStatuses: [container] },
    },
  ];
}

/** Returns a wait, for tests of its display. */
export const waits = (what: string, more: Partial<Wait> = {}): Wait => ({ what, ...more });
