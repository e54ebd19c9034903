/**
 * The placement of production pods: nodes, taints, affinities, the runtime, user namespaces. A trial has none of these, because
 * it has one node with its own runtime.
 *
 * @module
 */

import type { IAffinity } from "kubernetes-models/v1/Affinity";
import type { IPodAffinityTerm } from "kubernetes-models/v1/PodAffinityTerm";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { IPreferredSchedulingTerm } from "kubernetes-models/v1/PreferredSchedulingTerm";
import type { IToleration } from "kubernetes-models/v1/Toleration";
import type { PackConfig } from "../../config/schema.ts";
import { AGENT_SIDE, isOf, KEY_HOLDERS, ownNodeLabels } from "../../tables/apart.ts";
import type { Model } from "../../model/model.ts";
import { selectorLabels, type Workload } from "../../model/workloads.ts";

type TolerationRow = PackConfig["cluster"]["tolerations"][number];

/** The fields of a pod that its placement sets. */
export type Placement = Partial<
  Pick<IPodSpec, "affinity" | "hostUsers" | "nodeSelector" | "runtimeClassName" | "tolerations">
>;

/**
 * `apart` weighs more than `together`: on two nodes cloudflared must not join LiteLLM on the gateway's node. The scheduler
 * counts a preference both for the pod that has it and for the pod that it refers to, so `together` may count twice.
 */
const WEIGHT = { apart: 100, together: 10, node: 10 } as const;

/** Returns the placement of one workload's pod; empty if the defaults of the base are enough. */
export function placement(model: Model, workload: Workload): Placement {
  const { nodeSelector, tolerations } = model.config.cluster;
  const { name } = workload;
  const affinity = affinityOf(model, workload);
  const runtimeClassName = runtimeOf(model, workload);
  return {
    ...(affinity === undefined ? {} : { affinity }),
    ...(needsUserNamespace(model, workload) ? { hostUsers: false } : {}),
    ...(name === "openclaw" ? { nodeSelector } : {}),
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    // The backup must run on the gateway's node, and the sandbox should run there rather than next to the keys.
    ...(tolerations.length > 0 && (isOf(AGENT_SIDE, name) || name === "backup")
      ? { tolerations: tolerations.map(toleration) }
      : {}),
  };
}

/** Returns a row of pack.yaml without undefined fields. */
function toleration({ key, operator, value, effect, tolerationSeconds }: TolerationRow): IToleration {
  return {
    ...(key === undefined ? {} : { key }),
    operator,
    ...(value === undefined ? {} : { value }),
    ...(effect === undefined ? {} : { effect }),
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  };
}

/**
 * Returns the affinity that keeps key holders away from the agent's side. The scheduler applies it to whichever pod comes
 * second.
 *
 * The preferences prevent deadlocks: a key holder that is scheduled first on the gateway's dedicated node, or two key holders
 * on two nodes, would leave the gateway Pending permanently. So the pods of each side prefer to run together, the key holders
 * avoid the nodes that `nodeSelector` dedicates to the gateway, and the sandbox prefers them.
 */
function affinityOf(model: Model, { name }: Workload): IAffinity | undefined {
  const { keysApart } = model.config.cluster;
  if (keysApart === "off") return undefined;
  if (isOf(KEY_HOLDERS, name)) {
    const away = model.workloads.filter((row) => isOf(AGENT_SIDE, row.name)).map((row) => nodeOf(row));
    const podAntiAffinity = keysApart === "required"
      ? { requiredDuringSchedulingIgnoredDuringExecution: away }
      : { preferredDuringSchedulingIgnoredDuringExecution: away.map(weighted(WEIGHT.apart)) };
    return {
      ...nodesOfTheGateway(model, "NotIn"),
      // One of the two key holders is enough, because the scheduler counts it for LiteLLM too.
      ...(name === "cloudflared" ? preferNodeOf(model, "litellm") : {}),
      podAntiAffinity,
    };
  }
  return name === "sandbox" ? { ...nodesOfTheGateway(model, "In"), ...preferNodeOf(model, "openclaw") } : undefined;
}

function preferNodeOf(model: Model, name: "litellm" | "openclaw"): IAffinity {
  const term = nodeOf(model.deployed[name]);
  return { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [weighted(WEIGHT.together)(term)] } };
}

/**
 * Returns a term for the nodes of a workload's pods. Without the namespace it would only match pods in the scheduled pod's own
 * namespace.
 */
function nodeOf(workload: Workload): IPodAffinityTerm {
  return {
    labelSelector: { matchLabels: selectorLabels(workload) },
    namespaces: [workload.namespace],
    topologyKey: "kubernetes.io/hostname",
  };
}

const weighted = (weight: number) => (podAffinityTerm: IPodAffinityTerm) => ({ weight, podAffinityTerm });

function nodesOfTheGateway({ config }: Model, operator: "In" | "NotIn"): IAffinity {
  const terms = ownNodeLabels(config.cluster.nodeSelector).map(([key, value]): IPreferredSchedulingTerm => ({
    weight: WEIGHT.node,
    preference: { matchExpressions: [{ key, operator, values: [value] }] },
  }));
  return terms.length === 0 ? {} : { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: terms } };
}

/**
 * Returns the RuntimeClass of pods that run the agent's commands. The gateway has one only if no backup reads SQLite while it
 * runs.
 */
function runtimeOf({ config }: Model, { name }: Workload): string | undefined {
  const isBackedUp = name === "openclaw" && config.backup.enabled;
  return isOf(AGENT_SIDE, name) && !isBackedUp ? config.cluster.runtimeClassName : undefined;
}

/**
 * Returns whether a pod has a user namespace. Privileged pods cannot have one, and a runtime with its own kernels does not need
 * one.
 */
function needsUserNamespace(model: Model, workload: Workload): boolean {
  const { cluster, sandbox } = model.config;
  if (!cluster.userNamespaces || runtimeOf(model, workload) !== undefined) return false;
  return workload.name !== "openclaw" || sandbox.backend === "ssh";
}
