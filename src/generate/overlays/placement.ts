/**
 * Where pods of production run, and on what: nodes, taints, who stays away from whom, the runtime, user namespaces. A trial has none
 * of it, since it has one node and whatever runtime that brings.
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

/** What the placement of a workload's pod sets. */
export type Placement = Partial<
  Pick<IPodSpec, "affinity" | "hostUsers" | "nodeSelector" | "runtimeClassName" | "tolerations">
>;

/**
 * Apart weighs more than together: on two nodes cloudflared must not join LiteLLM where the gateway is. The scheduler counts a
 * preference for each pod that has it and for each that it is about, so `together` may count twice.
 */
const WEIGHT = { apart: 100, together: 10, node: 10 } as const;

/** Fields of the pod of one workload; none where the defaults of the base are right. */
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
    // The backup must follow the gateway to its node; the sandbox belongs there rather than beside the keys.
    ...(tolerations.length > 0 && (isOf(AGENT_SIDE, name) || name === "backup")
      ? { tolerations: tolerations.map(toleration) }
      : {}),
  };
}

/** A row of pack.yaml with the fields that it has. */
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
 * The key holders stay away from the agent's side. The scheduler applies that to either pod, whichever comes second.
 *
 * The preferences keep the rule from locking anybody out: a key holder that comes first to the node set aside for the gateway, or two
 * that come first to two nodes, would leave the gateway Pending for good. So each side leans together, the key holders lean away
 * from the nodes that `nodeSelector` sets aside, and the sandbox leans towards them.
 */
function affinityOf(model: Model, { name }: Workload): IAffinity | undefined {
  const { keysApart } = model.config.cluster;
  if (keysApart === "off") return undefined;
  if (isOf(KEY_HOLDERS, name)) {
    const away = model.workloads.filter((row) => isOf(AGENT_SIDE, row.name)).map((row) => beside(row));
    const podAntiAffinity = keysApart === "required"
      ? { requiredDuringSchedulingIgnoredDuringExecution: away }
      : { preferredDuringSchedulingIgnoredDuringExecution: away.map(weighted(WEIGHT.apart)) };
    return {
      ...nodesOfTheGateway(model, "NotIn"),
      // One of the two is enough: the scheduler counts it for LiteLLM as well.
      ...(name === "cloudflared" ? leaning(model, "litellm") : {}),
      podAntiAffinity,
    };
  }
  return name === "sandbox" ? { ...nodesOfTheGateway(model, "In"), ...leaning(model, "openclaw") } : undefined;
}

function leaning(model: Model, name: "litellm" | "openclaw"): IAffinity {
  const term = beside(model.deployed[name]);
  return { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [weighted(WEIGHT.together)(term)] } };
}

/** The node that a workload's pods are on. Without the namespace only the asking pod's own would be looked at. */
function beside(workload: Workload): IPodAffinityTerm {
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

/** The class of the pods that run the agent's commands; the gateway's only where no backup reads SQLite beside it. */
function runtimeOf({ config }: Model, { name }: Workload): string | undefined {
  const read = name === "openclaw" && config.backup.enabled;
  return isOf(AGENT_SIDE, name) && !read ? config.cluster.runtimeClassName : undefined;
}

/** Privilege and user namespaces exclude each other, and a runtime with its own kernels does not need them. */
function needsUserNamespace(model: Model, workload: Workload): boolean {
  const { cluster, sandbox } = model.config;
  if (!cluster.userNamespaces || runtimeOf(model, workload) !== undefined) return false;
  return workload.name !== "openclaw" || sandbox.backend === "ssh";
}
