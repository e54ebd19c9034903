/**
 * NetworkPolicies (requirement B9): all traffic is denied in both directions, and each flow of the table is allowed. The
 * comment of a rule is the flow's reason.
 *
 * @module
 */

import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { Port, Target } from "../../model/flows.ts";
import { type Model, workloadOf } from "../../model/model.ts";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import type { Comment } from "../../output/yaml.ts";
import { metadata, objectFile, workloadMetadata } from "./object.ts";

const NAMESPACE_LABEL = "kubernetes.io/metadata.name";

/** Returns the policies of one namespace: one that denies everything, and one for each workload. */
export function networkPolicyFiles(model: Model, namespace: string): OutputFile[] {
  const own = model.workloads.filter((workload) => workload.namespace === namespace);
  return [objectFile(defaultDeny(namespace)), ...own.map((workload) => workloadPolicyFile(model, workload))];
}

/** Returns the policy that denies everything that no other policy of the namespace allows, for all pods. */
function defaultDeny(namespace: string): INetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata("default-deny", namespace),
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
}

/** Returns the policy of one workload. */
function workloadPolicy(model: Model, workload: Workload): INetworkPolicy {
  const ingress = workload.flows.in.map(({ from, ports }) => ({
    from: [podsOf(workloadOf(model, from), workload.namespace)],
    ports: ports.map(portRule),
  }));
  const egress = workload.flows.out.map(({ to, ports }) => ({
    to: peers(model, to, workload.namespace),
    ports: ports.map(portRule),
  }));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: workloadMetadata(workload, `${workload.name}-network`),
    spec: {
      podSelector: { matchLabels: selectorLabels(workload) },
      policyTypes: ["Ingress", "Egress"],
      // The API server drops an empty list, which would then appear as a change in every apply.
      ...(ingress.length > 0 ? { ingress } : {}),
      ...(egress.length > 0 ? { egress } : {}),
    },
  };
}

function workloadPolicyFile(model: Model, workload: Workload): OutputFile {
  const comments: Comment[] = [
    ...workload.flows.in.map(({ from, why }, index): Comment => [
      ["spec", "ingress", index],
      `${from} ${why}`,
    ]),
    ...workload.flows.out.map(({ why }, index): Comment => [["spec", "egress", index], why]),
  ];
  return objectFile(workloadPolicy(model, workload), comments);
}

function peers(model: Model, target: Target, namespace: string) {
  switch (target.kind) {
    case "workload":
      return [podsOf(workloadOf(model, target.workload), namespace)];
    case "pods":
      return [{
        namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: target.pods.namespace } },
        podSelector: { matchLabels: { ...target.pods.labels } },
      }];
    case "dns":
      return dnsPeers(model);
    case "internet":
      return model.internet.map(({ cidr, except }) => ({ ipBlock: { cidr, except: [...except] } }));
  }
}

function dnsPeers({ config }: Model) {
  const { nodeLocalDns } = config.cluster;
  return [
    {
      namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
    // The cache listens on the node, in the link-local range that is otherwise blocked.
    ...(nodeLocalDns === undefined
      ? []
      : [{ ipBlock: { cidr: `${nodeLocalDns}/${nodeLocalDns.includes(":") ? 128 : 32}` } }]),
  ];
}

function podsOf(workload: Workload, seenFrom: string) {
  return {
    ...(workload.namespace === seenFrom
      ? {}
      : { namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: workload.namespace } } }),
    podSelector: { matchLabels: selectorLabels(workload) },
  };
}

function portRule({ protocol, port }: Port) {
  return { protocol, port };
}
