/**
 * Claims for volumes: the state (configuration, conversations), the agent's workspace (requirement B1), the archives of both
 * (requirement B15), the spend record, and the files of the ssh sandbox.
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

/** Name of the claim for the spend record. */
export const SPEND_CLAIM = "litellm-spend";

/** Name of the claim for the ssh sandbox's files. */
export const SANDBOX_CLAIM = "sandbox-data";

/** A claim, without what it claims. */
export interface ClaimName {
  readonly name: string;
  readonly namespace: string;
}

/** Returns every claim of a deployment. What must hold for each of them is derived from this list. */
export function claimNames({ backup, cluster, sandbox }: PackConfig): ClaimName[] {
  const { namespace } = cluster;
  return [
    { name: STATE_CLAIM, namespace },
    { name: WORKSPACE_CLAIM, namespace },
    ...(backup.enabled ? [{ name: BACKUPS_CLAIM, namespace }] : []),
    // Without its record, a budget would start again from 0.
    { name: SPEND_CLAIM, namespace },
    // With the ssh backend, what the agent's commands write is only there.
    ...(sandbox.backend === "ssh" ? [{ name: SANDBOX_CLAIM, namespace: sandbox.namespace }] : []),
  ];
}

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
