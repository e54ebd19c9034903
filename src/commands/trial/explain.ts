/**
 * Explains why a workload does not run: its events, the end of its log, and a known remedy if there is one.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { OWN_OVERLAY } from "./overlay.ts";
import { printable } from "../../values/printable.ts";
import { nameOf, waitOf } from "./screen.ts";
import { eventsOf, type Snapshot } from "../../cluster/snapshot.ts";
import { logOf } from "./watch.ts";
import type { WorkloadState } from "../../cluster/workload_state.ts";

const EVENTS = 5;
const LOG_LINES = 15;

/** Remedies for known problems. */
const ADVICE: readonly (readonly [seen: RegExp, advice: string])[] = [
  [
    /storageclass\S* "[^"]*" not found/,
    `a claim cannot change its storage class: run deno task trial down, name a class of the cluster in ` +
    `${OWN_OVERLAY} (deno task trial init), and run up again`,
  ],
  [
    /Insufficient (memory|cpu)/,
    "give the cluster more of it (with Docker Desktop: Settings, Resources), or stop other pods",
  ],
  [/OOMKilled/, "raise its memory in pack.yaml (resources), run deno task gen, and try again"],
  [/has no image/, "the node pulls the images, not this machine: check whether it can reach the registry"],
  [
    /violates PodSecurity/,
    "the namespace has labels that the overlay does not set; check whether other programs use it",
  ],
];

/** Returns lines that explain states that do not recover. */
export async function explain(
  kubectl: Kubectl,
  snapshot: Snapshot,
  states: readonly WorkloadState[],
): Promise<string[]> {
  const explained = await Promise.all(states.map(async (state) => {
    const { workload, pod } = state;
    const of = pod === undefined ? { kind: "Deployment", name: workload.name } : { kind: "Pod", name: pod };
    const events = eventsOf(snapshot, {
      kind: of.kind,
      metadata: { name: of.name, namespace: workload.namespace },
    }).filter(({ type }) => type === "Warning").slice(-EVENTS);
    const log = await logOf(kubectl, state, LOG_LINES);
    const advice = ADVICE.find(([seen]) => seen.test(waitOf(state)))?.[1];
    return [
      `${nameOf(state)}: ${waitOf(state)}`,
      ...events.map(({ reason, message, count }) =>
        `  event ${reason}: ${printable(message ?? "").trim()}${(count ?? 1) > 1 ? ` (${count} times)` : ""}`
      ),
      ...(log.length === 0 ? [] : [`  the end of the log of ${state.wait?.container}:`, ...log.map((l) => `    ${l}`)]),
      ...(advice === undefined ? [] : [`  to fix it: ${advice}`]),
    ];
  }));
  return explained.flat();
}
