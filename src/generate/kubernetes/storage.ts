/**
 * Claims for volumes, such as the state volume (configuration, sessions, workspace) (requirement B1).
 *
 * @module
 */

import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { Workload } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { objectFile, workloadMetadata } from "./object.ts";

/** Name of the state claim, which is also the name of lolice's existing claim. */
export const STATE_CLAIM = "openclaw-data";

/** Returns the file of the state claim. */
export function stateClaimFile(openclaw: Workload, storageClass: string, size: string): OutputFile {
  return objectFile(claim(openclaw, STATE_CLAIM, storageClass, size));
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
