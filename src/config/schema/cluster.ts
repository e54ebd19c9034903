/**
 * The cluster: nodes, networks, storage.
 *
 * @module
 */

import * as v from "valibot";
import * as format from "../formats.ts";
import { choice, flag, list, row, section, text } from "./fields.ts";

/** When a node with a matching taint turns pods away: for new ones, rather not for new ones, for running ones too. */
const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

const TolerationSchema = row({
  key: v.optional(v.pipe(
    format.labelKey,
    v.description("Key of the taint. Only `operator: Exists` can leave it out, and then matches every taint."),
  )),
  operator: choice(
    ["Equal", "Exists"],
    "Equal",
    "Whether the taint's value has to be `value`, or any value will do.",
  ),
  value: v.optional(v.pipe(format.labelValue, v.description("With `operator: Equal`: value of the taint."))),
  effect: v.optional(v.pipe(
    v.picklist(TAINT_EFFECTS, `expected one of ${TAINT_EFFECTS.join(", ")}`),
    v.description("Effect of the taint. Without it, every effect is tolerated."),
  )),
  tolerationSeconds: v.optional(v.pipe(
    v.number("expected a number"),
    v.integer("expected a whole number"),
    v.minValue(0, "expected 0 or more"),
    v.description(
      "With `effect: NoExecute`: how many seconds a pod may stay after the taint is set. Without it, the pod is never evicted.",
    ),
  )),
});

/** The section `cluster`. */
export const cluster = v.optional(
  section({
    runtime: choice(
      ["cri-o", "containerd"],
      "cri-o",
      "Container runtime of the nodes; decides which OpenClaw works with the docker sandbox.",
    ),
    namespace: text(format.dnsLabel, "openclaw", "Namespace of everything but the ssh sandbox."),
    storageClass: text(format.objectName, "longhorn", "StorageClass of the state volume."),
    storageSize: text(format.bytes, "10Gi", "Size of the state volume."),
    secretStore: text(format.objectName, "parameterstore", "ClusterSecretStore of External Secrets that reads SSM."),
    nodeSelector: v.optional(
      v.pipe(
        v.record(format.labelKey, format.labelValue, "expected a mapping of labels"),
        v.description("Labels of the nodes for the gateway."),
      ),
      { "kubernetes.io/arch": "amd64" },
    ),
    tolerations: list(
      TolerationSchema,
      [],
      "Taints of the gateway's own node that its pod tolerates, and with it the backup's, a restore's and the ssh sandbox's. " +
        "A toleration admits the pod to the node; `nodeSelector` is what brings it there. In overlays/prod only.",
    ),
    keysApart: choice(
      ["required", "preferred", "off"],
      "required",
      "Whether LiteLLM and cloudflared, which hold keys, run on other nodes than the pods that run the agent's commands: " +
        "whoever takes over a node reads the Secrets of its pods. `required` needs two nodes or more, and leaves a pod " +
        "Pending rather than break the rule. In overlays/prod only.",
    ),
    runtimeClassName: v.optional(v.pipe(
      format.objectName,
      v.description(
        "RuntimeClass, such as Kata's or gVisor's, of the pods that run the agent's commands: the gateway's and the ssh " +
          "sandbox's. The gateway's pod cannot have one with `backup.enabled`: the backup reads SQLite beside it, which needs " +
          "one kernel for both. In overlays/prod only.",
      ),
    )),
    userNamespaces: flag(
      false,
      "Whether every pod that needs no privilege gets a user namespace (`hostUsers: false`), so that its users are nobody on " +
        "the node. Needs Kubernetes 1.33, containerd 2 or CRI-O, Linux 6.3 and volumes with idmapped mounts (not NFS). " +
        "Not for the gateway with the docker sandbox, nor for pods with `runtimeClassName`. In overlays/prod only.",
    ),
    podCidrs: v.optional(
      v.pipe(
        v.array(format.cidr, "expected a list"),
        v.minLength(1, "expected one network or more"),
        v.description(
          "Networks of the pods: where the gateway takes forwarded addresses from, and never part of the internet.",
        ),
      ),
      () => ["10.244.0.0/16"],
    ),
    serviceCidrs: list(format.cidr, ["10.96.0.0/12"], "Networks of the Services; never part of the internet."),
    blockedCidrs: list(
      format.cidr,
      [],
      "Further networks that no pod may reach, such as public addresses of your nodes.",
    ),
    nodeLocalDns: v.optional(v.pipe(
      format.ipAddress,
      v.description("Address of NodeLocal DNSCache, where the cluster has one (usually 169.254.20.10)."),
    )),
  }, "What is particular to the cluster."),
  {},
);
