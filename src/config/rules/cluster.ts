/**
 * Rules on the cluster, its nodes and networks.
 *
 * @module
 */

import type { Finding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

/** What the API server refuses in a pod, found before it gets there; and an `Equal` without a value, which seldom means what it does. */
export function tolerationsMatchTaints({ cluster }: PackConfig): Finding[] {
  return cluster.tolerations.flatMap(({ key, operator, value, effect, tolerationSeconds }, index): Finding[] => {
    const at = (field: string, message: string): Finding => ({
      path: ["cluster", "tolerations", index, field],
      message,
    });
    return [
      ...(operator === "Equal" && key === undefined
        ? [
          at("key", "is missing: operator Equal needs the key of the taint; operator Exists without a key matches all"),
        ]
        : []),
      ...(operator === "Equal" && value === undefined
        ? [at("value", "is missing: operator Equal needs the value of the taint; write operator: Exists for any value")]
        : []),
      ...(operator === "Exists" && value !== undefined
        ? [
          at(
            "value",
            "would have no effect: operator Exists matches any value; leave it out, or write operator: Equal",
          ),
        ]
        : []),
      ...(tolerationSeconds !== undefined && effect !== "NoExecute"
        ? [at("tolerationSeconds", "goes with effect: NoExecute alone, the one effect that ends running pods")]
        : []),
    ];
  });
}

/**
 * The backup reads SQLite beside the running gateway, and the write-ahead log's index is shared memory: two kernels, as with Kata
 * or gVisor, see two of them, and each may overwrite what the other still reads (https://sqlite.org/wal.html). A RuntimeClass does
 * not tell whose kernel it has. With the ssh sandbox only the gateway's pod goes without; {@linkcode readPack} warns of it.
 */
export function backupNeedsOneKernel({ backup, cluster, sandbox }: PackConfig): Finding[] {
  if (cluster.runtimeClassName === undefined || !backup.enabled || sandbox.backend === "ssh") return [];
  return [{
    path: ["cluster", "runtimeClassName"],
    message:
      "could damage the state: the backup reads SQLite beside the running gateway, which needs one kernel for both, " +
      "and Kata and gVisor bring a kernel for each pod; set backup.enabled to false (and take snapshots of the volume " +
      "instead), or sandbox.backend to ssh",
  }];
}

export function copiesNeedBackups({ backup }: PackConfig): Finding[] {
  if (backup.enabled || backup.s3 === undefined) return [];
  return [{
    path: ["backup", "s3"],
    message: "would have no effect: with backup.enabled: false there is nothing to copy",
  }];
}

/** Without any, a NetworkPolicy's list of targets would be empty, and an empty list lets everything through. */
export function someInternet({ cluster }: PackConfig): Finding[] {
  return (["podCidrs", "serviceCidrs", "blockedCidrs"] as const).flatMap((key) =>
    cluster[key].flatMap((cidr, index): Finding[] =>
      cidr === "0.0.0.0/0"
        ? [{ path: ["cluster", key, index], message: "blocks the whole internet, and nothing works without Anthropic" }]
        : []
    )
  );
}
