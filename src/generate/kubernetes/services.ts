/**
 * Services: a stable name for each workload that something connects to (requirement B1).
 *
 * @module
 */

import type { IService } from "kubernetes-models/v1/Service";
import type { Model } from "../../model/model.ts";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { objectFile, workloadMetadata } from "./object.ts";

/** One file for each workload of the namespace that listens. */
export function serviceFiles(model: Model, namespace: string): OutputFile[] {
  return model.workloads
    .filter((workload) => workload.namespace === namespace && workload.port !== undefined)
    .map((workload) => objectFile(service(workload)));
}

/** The Service of one workload. */
export function service(workload: Workload): IService {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: workloadMetadata(workload),
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(workload),
      ports: [{ name: workload.component, protocol: "TCP", port: workload.port ?? 0, targetPort: workload.port ?? 0 }],
    },
  };
}
