/**
 * The pods that a restore works in: each the CronJob's own pod with another command, so that image, user, volume and script are
 * those that made the archives.
 *
 * @module
 */

import type { IPod } from "kubernetes-models/v1/Pod";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { BACKUP_CONTAINER } from "../../generate/kubernetes/backup.ts";
import { RestoreFailed } from "./failed.ts";

/** What is read of the CronJob in the cluster. */
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

/** What a pod is to do. */
export interface PodTask {
  /** Arguments of backup.sh, such as `["drill", "latest"]`. */
  readonly args: readonly string[];
  /** Whether the gateway's pod holds the volume, so that this one must go to its node. */
  readonly besideGateway: boolean;
}

/** The pod for one task. Its name is the API server's to choose. */
export function restorePod({ metadata, spec }: CronJob, { args, besideGateway }: PodTask): IPod {
  const { activeDeadlineSeconds, template } = spec.jobTemplate.spec;
  const { initContainers = [], containers, affinity, ...rest } = template.spec;
  const container = [...initContainers, ...containers].find(({ name }) => name === BACKUP_CONTAINER);
  if (container === undefined) {
    throw new RestoreFailed(`the CronJob ${metadata.name} has no container ${BACKUP_CONTAINER}: another version's?`);
  }
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: "openclaw-restore-",
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
