/**
 * Deployments with one pod each, because the assistant serves one person.
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
  /**
   * Whether the pod mounts a ReadWriteOnce volume: the old pod ends before the new one starts, and the workload's group may
   * write.
   */
  readonly hasVolume?: boolean;
}

/** Returns the pod template of a workload, with the labels of its selector and the settings common to all pods. */
export function podTemplate(workload: Workload, spec: IPodSpec, { hasVolume = false }: DeploymentOptions = {}) {
  return {
    metadata: { labels: selectorLabels(workload) },
    spec: {
      ...POD_DEFAULTS,
      securityContext: {
        ...POD_DEFAULTS.securityContext,
        // Without OnRootMismatch, every start changes the ownership of every file on the volume.
        ...(hasVolume ? { fsGroup: workload.uid, fsGroupChangePolicy: "OnRootMismatch" as const } : {}),
      },
      ...spec,
    },
  };
}

/** Returns the Deployment of one workload. */
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
