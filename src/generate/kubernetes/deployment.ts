/**
 * Deployments: of one pod each, since the assistant is one person's.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import { workloadMetadata } from "./object.ts";
import { POD_DEFAULTS } from "./pod.ts";

/** How a workload is deployed. */
export interface DeploymentOptions {
  /** Whether a ReadWriteOnce volume is mounted: the old pod ends before the new one starts, and the workload's group may write. */
  readonly hasVolume?: boolean;
}

/** A workload's pod: labels that its selector finds, and what every pod has in common. */
export function podTemplate(workload: Workload, spec: IPodSpec, { hasVolume = false }: DeploymentOptions = {}) {
  return {
    metadata: { labels: selectorLabels(workload) },
    spec: {
      ...POD_DEFAULTS,
      securityContext: {
        ...POD_DEFAULTS.securityContext,
        // OnRootMismatch: else every start walks the whole volume.
        ...(hasVolume ? { fsGroup: workload.uid, fsGroupChangePolicy: "OnRootMismatch" as const } : {}),
      },
      ...spec,
    },
  };
}

/** The Deployment of one workload. */
export function deployment(
  workload: Workload,
  spec: IPodSpec,
  options: DeploymentOptions = {},
): IDeployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: workloadMetadata(workload),
    spec: {
      replicas: 1,
      ...(options.hasVolume ? { strategy: { type: "Recreate" } } : {}),
      selector: { matchLabels: selectorLabels(workload) },
      template: podTemplate(workload, spec, options),
    },
  };
}
