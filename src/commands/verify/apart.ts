/**
 * Nodes: no key lies where the agent's commands run. Whoever takes over a node from the gateway's pod or the ssh sandbox's reads the
 * Secrets of every pod there.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import { AGENT_SIDE, KEY_HOLDERS } from "../../tables/apart.ts";
import type { Model } from "../../model/model.ts";
import { fail, type Finding, measure, pass, type Result, skip } from "./check.ts";
import type { Subject } from "./deployments.ts";
import type { Overlay } from "./expected.ts";
import type { LivePod } from "./live.ts";
import type { WorkloadName } from "../../tables/workloads.ts";

/** One result for each key holder of the overlay. */
export async function checkApart(model: Model, overlay: Overlay, all: readonly Subject[]): Promise<Result[]> {
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
        return judge(model.config.cluster.keysApart, workload.name, secrets, await pods(), others.flat());
      })
    ),
  );
}

function judge(
  keysApart: PackConfig["cluster"]["keysApart"],
  name: string,
  secrets: readonly string[],
  keys: readonly LivePod[],
  agents: readonly LivePod[],
): Finding {
  if (keys.length === 0) return skip(`no pod of ${name} runs`);
  if (agents.length === 0) return skip("no pod that runs the agent's commands is there");
  const shared = keys.flatMap((key) =>
    agents.filter(({ node }) => node === key.node).map((agent) =>
      `${key.name} shares node ${key.node} with ${agent.name}`
    )
  ).join("; ");
  if (shared === "") {
    return pass(`on ${listed(keys.map(({ node }) => node))}, away from ${listed(agents.map((agent) => agent.name))}`);
  }
  switch (keysApart) {
    case "required":
      return fail(
        `${shared}: whoever takes over that node reads ${listed(secrets)}, and cluster.keysApart is required; ` +
          `apply overlays/prod, then delete the pod of ${name}`,
      );
    case "preferred":
      return pass(`${shared}; cluster.keysApart is preferred, and there was no better node`);
    case "off":
      return skip(`${shared}; cluster.keysApart is off`);
  }
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].join(" and ");
}
