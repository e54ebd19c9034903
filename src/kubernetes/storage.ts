/**
 * The state volume: configuration, sessions, workspace (SPEC B1).
 *
 * @module
 */

import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { type Model, workloadOf } from "../model/model.ts";
import type { OutputFile } from "../output/file.ts";
import { objectFile, workloadMetadata } from "./object.ts";

/** Name of the claim; lolice's data lives under it already. */
export const STATE_CLAIM = "openclaw-data";

/** The claim's file. */
export function stateClaimFile(model: Model): OutputFile {
  return objectFile(stateClaim(model));
}

/** The claim. */
export function stateClaim(model: Model): IPersistentVolumeClaim {
  const { storageClass, storageSize } = model.config.cluster;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: workloadMetadata(workloadOf(model, "openclaw"), STATE_CLAIM),
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: storageClass,
      resources: { requests: { storage: storageSize } },
    },
  };
}
