/**
 * Rules on the cluster, its nodes and networks.
 *
 * @module
 */

import type { ConfigFinding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

/** Finds tolerations that the API server would refuse in a pod, and an `Equal` without a value, which is seldom intended. */
export function tolerationsMatchTaints({ cluster }: PackConfig): ConfigFinding[] {
  return cluster.tolerations.flatMap(({ key, operator, value, effect, tolerationSeconds }, index): ConfigFinding[] => {
    const at = (field: string, message: string): ConfigFinding => ({
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
            "has no effect: operator Exists matches any value; remove it, or write operator: Equal",
          ),
        ]
        : []),
      ...(tolerationSeconds !== undefined && effect !== "NoExecute"
        ? [at("tolerationSeconds", "requires effect: NoExecute, the only effect that evicts running pods")]
        : []),
    ];
  });
}

/**
 * The backup reads SQLite while the gateway runs, and the index of the write-ahead log is in shared memory. Two kernels, as
 * with Kata or gVisor, have two copies of it, and each may overwrite what the other still reads (https://sqlite.org/wal.html).
 * The name of a RuntimeClass does not say whether it uses another kernel. With the ssh sandbox only the sandbox's pod uses the
 * RuntimeClass, and {@linkcode readPack} warns about it.
 */
export function backupNeedsOneKernel({ backup, cluster, sandbox }: PackConfig): ConfigFinding[] {
  if (cluster.runtimeClassName === undefined || !backup.enabled || sandbox.backend === "ssh") return [];
  return [{
    path: ["cluster", "runtimeClassName"],
    message:
      "could damage the state: the backup reads SQLite while the gateway runs, which requires that both share a kernel, " +
      "and Kata and gVisor use a kernel for each pod; set backup.enabled to false (and take snapshots of the volume " +
      "instead), or sandbox.backend to ssh",
  }];
}

export function s3NeedsBackup({ backup }: PackConfig): ConfigFinding[] {
  if (backup.enabled || backup.s3 === undefined) return [];
  return [{
    path: ["backup", "s3"],
    message: "has no effect: with backup.enabled: false there is nothing to copy",
  }];
}

/** Without any reachable network, a NetworkPolicy's list of targets would be empty, and an empty list allows everything. */
export function internetIsReachable({ cluster }: PackConfig): ConfigFinding[] {
  return (["podCidrs", "serviceCidrs", "blockedCidrs"] as const).flatMap((key) =>
    cluster[key].flatMap((cidr, index): ConfigFinding[] =>
      cidr === "0.0.0.0/0"
        ? [{
          path: ["cluster", key, index],
          message: "blocks the entire internet, and nothing works without Anthropic",
        }]
        : []
    )
  );
}
