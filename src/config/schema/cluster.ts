/**
 * The cluster: nodes, networks, storage.
 *
 * @module
 */

import * as v from "valibot";
import * as format from "../formats.ts";
import { choice, flag, list, row, section, text } from "./fields.ts";

/** What a taint does to pods that do not tolerate it: refuses new ones, avoids new ones, or also evicts running ones. */
const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

const TolerationSchema = row({
  key: v.optional(v.pipe(
    format.labelKey,
    v.description("Key of the taint. It may be omitted only with `operator: Exists`, which then matches every taint."),
  )),
  operator: choice(
    ["Equal", "Exists"],
    "Equal",
    "Whether the taint's value must equal `value` or may be any value.",
  ),
  value: v.optional(v.pipe(format.labelValue, v.description("Value of the taint, with `operator: Equal`."))),
  effect: v.optional(v.pipe(
    v.picklist(TAINT_EFFECTS, `expected one of ${TAINT_EFFECTS.join(", ")}`),
    v.description("Effect of the taint. Without it, every effect is tolerated."),
  )),
  tolerationSeconds: v.optional(v.pipe(
    v.number("expected a number"),
    v.integer("expected an integer"),
    v.minValue(0, "expected 0 or more"),
    v.description(
      "How many seconds a pod may stay after the taint is set, with `effect: NoExecute`. Without it, the pod is never evicted.",
    ),
  )),
});

/** The section `cluster`. */
export const cluster = v.optional(
  section({
    runtime: choice(
      ["cri-o", "containerd"],
      "cri-o",
      "Container runtime of the nodes; determines which versions of OpenClaw work with the docker sandbox.",
    ),
    namespace: text(format.dnsLabel, "openclaw", "Namespace of everything except the ssh sandbox."),
    storageClass: text(format.objectName, "longhorn", "StorageClass of the volumes."),
    storageSize: text(format.bytes, "10Gi", "Size of the state volume."),
    workspaceSize: text(format.bytes, "10Gi", "Size of the volume with the agent's workspace."),
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
      "Taints of the gateway's node that its pod tolerates, as do the pods of the backup, a restore and the ssh sandbox. " +
        "A toleration admits the pod to the node; `nodeSelector` schedules it there. In overlays/prod only.",
    ),
    keysApart: choice(
      ["required", "preferred", "off"],
      "required",
      "Whether LiteLLM and cloudflared, which hold keys, run on other nodes than the pods that run the agent's commands: " +
        "an attacker who controls a node can read the Secrets of its pods. `required` needs at least two nodes, and leaves " +
        "a pod Pending rather than break the rule. In overlays/prod only.",
    ),
    runtimeClassName: v.optional(v.pipe(
      format.objectName,
      v.description(
        "RuntimeClass, such as Kata's or gVisor's, of the pods that run the agent's commands: the gateway's and the ssh " +
          "sandbox's. The gateway's pod cannot have one with `backup.enabled`: the backup reads SQLite while the gateway runs, " +
          "which requires that both share a kernel. In overlays/prod only.",
      ),
    )),
    userNamespaces: flag(
      false,
      "Whether every pod that needs no privilege has a user namespace (`hostUsers: false`), so that its users have no rights " +
        "on the node. Requires Kubernetes 1.33, containerd 2 or CRI-O, Linux 6.3 and volumes with idmapped mounts (not NFS). " +
        "Not for the gateway with the docker sandbox, nor for pods with `runtimeClassName`. In overlays/prod only.",
    ),
    podCidrs: v.optional(
      v.pipe(
        v.array(format.cidr, "expected a list"),
        v.minLength(1, "expected at least one network"),
        v.description(
          "Networks of the pods. The gateway accepts forwarded addresses from them, and they are never part of the internet.",
        ),
      ),
      () => ["10.244.0.0/16"],
    ),
    serviceCidrs: list(format.cidr, ["10.96.0.0/12"], "Networks of the Services; never part of the internet."),
    blockedCidrs: list(
      format.cidr,
      [],
      "Additional networks that no pod may reach, such as public addresses of your nodes.",
    ),
    nodeLocalDns: v.optional(v.pipe(
      format.ipAddress,
      v.description("Address of NodeLocal DNSCache, if the cluster runs it (usually 169.254.20.10)."),
    )),
  }, "The cluster: nodes, networks and storage."),
  {},
);
