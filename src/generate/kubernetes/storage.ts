/**
 * Claims for volumes: the state (configuration, conversations), the agent's workspace (requirement B1), and the archives of both
 * (requirement B15).
 *
 * @module
 */

import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { PackConfig } from "../../config/schema.ts";
import type { Workload } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { objectFile, workloadMetadata } from "./object.ts";

/** Name of the state claim, which is also the name of lolice's existing claim. */
export const STATE_CLAIM = "openclaw-data";

/** Name of the claim for the agent's workspace: whatever a sandbox writes there, it cannot fill the state volume. */
export const WORKSPACE_CLAIM = "openclaw-workspace";

/**
 * Name of the claim for the archives. The gateway's pod does not mount it: nothing that runs there can delete, forge or misdate an
 * archive, and a full state volume does not stop the backup.
 */
export const BACKUPS_CLAIM = "openclaw-backups";

/** Returns the files of the gateway's claims. */
export function gatewayClaimFiles(openclaw: Workload, cluster: PackConfig["cluster"]): OutputFile[] {
  const { storageClass, storageSize, workspaceSize } = cluster;
  return [
    objectFile(claim(openclaw, STATE_CLAIM, storageClass, storageSize)),
    objectFile(claim(openclaw, WORKSPACE_CLAIM, storageClass, workspaceSize)),
  ];
}

/** Returns a claim for a volume that one workload writes. */
export function claim(workload: Workload, name: string, storageClass: string, size: string): IPersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: workloadMetadata(workload, name),
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: storageClass,
      resources: { requests: { storage: size } },
    },
  };
}
