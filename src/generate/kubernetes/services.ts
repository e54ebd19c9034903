/**
 * Services, which give a stable name to each workload that accepts connections (requirement B1).
 *
 * @module
 */

import type { IService } from "kubernetes-models/v1/Service";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { objectFile, workloadMetadata } from "./object.ts";

/** Returns one file for each of these workloads that listens on a port. */
export function serviceFiles(workloads: readonly Workload[]): OutputFile[] {
  return workloads.filter(({ port }) => port !== undefined).map((workload) => objectFile(service(workload)));
}

/** Returns the Service of one workload. */
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
