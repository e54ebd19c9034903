/**
 * The pods that a restore runs in. Each is the CronJob's pod with another command, so that image, user, volume and script are
 * those that created the archives.
 *
 * @module
 */

import type { IPod } from "kubernetes-models/v1/Pod";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { BACKUP_CONTAINER } from "../../generate/kubernetes/backup.ts";
import { RestoreFailed } from "./failed.ts";

/** The fields of the CronJob in the cluster that a restore reads. */
export interface CronJob {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly jobTemplate: {
      readonly spec: {
        readonly activeDeadlineSeconds?: number;
        readonly template: {
          readonly metadata?: { readonly labels?: Record<string, string> };
          readonly spec: IPodSpec;
        };
      };
    };
  };
  readonly status?: { readonly active?: readonly object[] };
}

/** The task of a pod. */
export interface PodTask {
  /** Arguments of backup.sh, such as `["drill", "latest"]`. */
  readonly args: readonly string[];
  /** Whether the gateway's pod uses the volume, so that this pod must run on the same node. */
  readonly besideGateway: boolean;
  /** The pod's name. It is known before the pod exists, so that a restore that is interrupted can delete it. */
  readonly name: string;
}

/** Returns the pod for one task. */
export function restorePod({ metadata, spec }: CronJob, { args, besideGateway, name }: PodTask): IPod {
  const { activeDeadlineSeconds, template } = spec.jobTemplate.spec;
  const { initContainers = [], containers, affinity, ...rest } = template.spec;
  const container = [...initContainers, ...containers].find(({ name }) => name === BACKUP_CONTAINER);
  if (container === undefined) {
    throw new RestoreFailed(
      `the CronJob ${metadata.name} has no container ${BACKUP_CONTAINER}; another version of the pack may have created it`,
    );
  }
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: metadata.namespace,
      ...(template.metadata?.labels === undefined ? {} : { labels: template.metadata.labels }),
    },
    spec: {
      ...rest,
      ...(affinity !== undefined && besideGateway ? { affinity } : {}),
      ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
      containers: [{ ...container, command: [...(container.command ?? []).slice(0, -1), ...args] }],
    },
  };
}
