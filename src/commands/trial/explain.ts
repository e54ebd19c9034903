/**
 * Why something does not run: its own events, the end of the log, and what helps where that is known.
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

/** What helps, by what is seen. */
const ADVICE: readonly (readonly [seen: RegExp, advice: string])[] = [
  [
    /storageclass\S* "[^"]*" not found/,
    `a claim cannot change its storage class: run deno task trial down, name one of the cluster's classes in ` +
    `${OWN_OVERLAY} (deno task trial init), and run up again`,
  ],
  [
    /Insufficient (memory|cpu)/,
    "give the cluster more of it (with Docker Desktop: Settings, Resources), or stop others",
  ],
  [/OOMKilled/, "raise its memory in pack.yaml (resources), deno task gen, and try again"],
  [/has no image/, "the node, not this machine, fetches images: see whether it may reach the registry"],
  [/violates PodSecurity/, "the namespace has labels that are not the overlay's; is it somebody else's?"],
];

/** Explains states that do not get better, as lines for a person. */
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
      ...(advice === undefined ? [] : [`  what helps: ${advice}`]),
    ];
  }));
  return explained.flat();
}
