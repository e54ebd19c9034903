/**
 * The nightly backup (requirement B15): OpenClaw's own `backup create --verify` while the gateway runs and, if pack.yaml has a
 * bucket, a copy to S3. It runs in a separate pod, so that the assistant cannot reach the key to the bucket, and the backup
 * cannot reach anything but S3.
 *
 * @module
 */

import type { ICronJob } from "kubernetes-models/batch/v1/CronJob";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IVolume } from "kubernetes-models/v1/Volume";
import type { PackConfig } from "../../config/schema.ts";
import type { Model } from "../../model/model.ts";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import { BACKUP_DIR, ELEVATION_DIR, HOME_DIR } from "../../tables/paths.ts";
import type { OutputFile } from "../../output/file.ts";
import { podTemplate } from "./deployment.ts";
import { mount, STATE_ENV } from "./gateway/mounts.ts";
import { OPENCLAW_ELEVATION } from "./gateway/names.ts";
import { objectFile, workloadMetadata } from "./object.ts";
import { CONTAINER_DEFAULTS, lockedDown, nodeHeap, plainEnv, resources, secretEnv, SMALL_RESOURCES } from "./pod.ts";
import { STATE_CLAIM } from "./storage.ts";

/** Name of the CronJob, and of the ConfigMap with its script. */
export const BACKUP = "openclaw-backup";
/** The container that creates the archive; `deno task restore` derives its pods from it. */
export const BACKUP_CONTAINER = "backup";
/** The container that copies archives to S3. */
export const S3_CONTAINER = "copy-to-s3";

const MINUTE = 60;

/** Returns the CronJob's file. */
export function backupFiles(workload: Workload, model: Model): OutputFile[] {
  const affinity = ["spec", "jobTemplate", "spec", "template", "spec", "affinity"];
  return [objectFile(backupCronJob(workload, model), [[
    affinity,
    "The volume is ReadWriteOnce and attaches to one node, and SQLite's shared memory requires one kernel.",
  ]])];
}

function backupCronJob(workload: Workload, model: Model): ICronJob {
  const { schedule, timeZone, s3 } = model.config.backup;
  const archive = archiveContainer(workload, model.config.backup.keep);
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: workloadMetadata(workload, BACKUP),
    spec: {
      schedule,
      timeZone,
      concurrencyPolicy: "Forbid",
      // A missed run starts up to an hour late; after that the next night's run is enough.
      startingDeadlineSeconds: 60 * MINUTE,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 1,
          // Without a running gateway the pod stays Pending; the deadline ends it.
          activeDeadlineSeconds: 30 * MINUTE,
          ttlSecondsAfterFinished: 7 * 24 * 60 * MINUTE,
          // The fsGroup is the gateway's. With another group, each mount would change the ownership of every file.
          template: podTemplate(workload, {
            restartPolicy: "Never",
            affinity: {
              podAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: [{
                  labelSelector: { matchLabels: selectorLabels(model.deployed.openclaw) },
                  topologyKey: "kubernetes.io/hostname",
                }],
              },
            },
            ...(s3 === undefined
              ? { containers: [archive] }
              : { initContainers: [archive], containers: [copyContainer(workload, s3, model.config)] }),
            volumes: volumes(model.config.cluster.storageSize),
          }, { hasVolume: true }),
        },
      },
    },
  };
}

function archiveContainer(workload: Workload, keep: number): IContainer {
  return {
    name: BACKUP_CONTAINER,
    image: workload.image,
    ...CONTAINER_DEFAULTS,
    command: ["sh", "/backup/backup.sh", "create"],
    workingDir: "/app",
    env: plainEnv({
      ...STATE_ENV,
      OPENCLAW_CONFIG_READONLY: "1",
      OPENCLAW_NO_AUTO_UPDATE: "1",
      NODE_OPTIONS: nodeHeap(workload.resources.memoryLimit),
      BACKUP_DIR,
      KEEP: String(keep),
    }),
    resources: resources(workload.resources),
    securityContext: lockedDown(workload),
    volumeMounts: [
      mount("state", HOME_DIR),
      mount("tmp", "/tmp"),
      mount("backup", "/backup", true),
      // openclaw.json names it, and OpenClaw refuses a configuration whose plugin is not there.
      mount("elevation", ELEVATION_DIR, true),
    ],
  };
}

/** Returns the container that copies to S3. It mounts only the archives, read-only. */
function copyContainer(
  workload: Workload,
  s3: NonNullable<PackConfig["backup"]["s3"]>,
  { aws, images }: PackConfig,
): IContainer {
  return {
    name: S3_CONTAINER,
    image: images.rclone,
    ...CONTAINER_DEFAULTS,
    args: [
      "copy",
      BACKUP_DIR,
      // The trailing slash marks a folder. Without it, rclone would first send HEAD to check for an object.
      `:s3:${s3.bucket}/${s3.prefix}/`,
      "--include=/openclaw-*.tar.gz",
      // rclone reads no configuration file; the key comes from the environment.
      "--config=",
      "--s3-provider=AWS",
      "--s3-env-auth",
      `--s3-region=${s3.region ?? aws.region}`,
      // With these flags the key needs only ListBucket and PutObject, so a stolen key can neither read nor delete archives.
      "--s3-no-check-bucket",
      "--s3-no-head",
      "--ignore-existing",
      // One archive at a time, in parts, keeps memory use small for any size of archive.
      "--transfers=1",
      "--s3-upload-concurrency=1",
      "--verbose",
    ],
    env: [...secretEnv(workload.reader), ...plainEnv({ HOME: "/tmp" })],
    resources: SMALL_RESOURCES,
    securityContext: lockedDown(workload),
    volumeMounts: [{ ...mount("state", BACKUP_DIR, true), subPath: BACKUP_DIR.slice(HOME_DIR.length + 1) }],
  };
}

function volumes(storageSize: string): IVolume[] {
  return [
    { name: "state", persistentVolumeClaim: { claimName: STATE_CLAIM } },
    // OpenClaw first copies the databases there. They are no larger than the volume.
    { name: "tmp", emptyDir: { sizeLimit: storageSize } },
    { name: "backup", configMap: { name: BACKUP } },
    { name: "elevation", configMap: { name: OPENCLAW_ELEVATION } },
  ];
}
