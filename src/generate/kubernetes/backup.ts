/**
 * The nightly backup (requirement B15): archives of the state and of the workspace while the gateway runs, a restore test of both
 * and, if pack.yaml has a bucket, a copy to S3. It runs in a separate pod, so that the assistant can reach neither the archives nor
 * the key to the bucket, and the backup cannot reach anything but S3.
 *
 * @module
 */

import type { ICronJob } from "kubernetes-models/batch/v1/CronJob";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IVolume } from "kubernetes-models/v1/Volume";
import type { PackConfig } from "../../config/schema.ts";
import type { Model } from "../../model/model.ts";
import { selectorLabels, type Workload } from "../../model/workloads.ts";
import { BACKUP_DIR, ELEVATION_DIR, EXCHANGE_DIR, OLD_BACKUP_DIR, WORKSPACES_DIR } from "../../tables/paths.ts";
import { SANDBOX_UID } from "../../tables/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { GATEWAY_ENTRIES } from "../openclaw/workspace.ts";
import { podTemplate } from "./deployment.ts";
import { home, mount, STATE_ENV, workspaces } from "./gateway/mounts.ts";
import { OPENCLAW_ELEVATION } from "./gateway/names.ts";
import { objectFile, workloadMetadata } from "./object.ts";
import { CONTAINER_DEFAULTS, lockedDown, nodeHeap, plainEnv, resources, secretEnv, SMALL_RESOURCES } from "./pod.ts";
import { BACKUPS_CLAIM, claim, STATE_CLAIM, WORKSPACE_CLAIM } from "./storage.ts";

/** Name of the CronJob, and of the ConfigMap with its script. */
export const BACKUP = "openclaw-backup";
/** The container that creates the archive; `deno task restore` derives its pods from it. */
export const BACKUP_CONTAINER = "backup";
/** The container that reads the workspace. */
export const WORKSPACE_CONTAINER = "archive-workspace";
/** The container that copies archives to S3. */
export const S3_CONTAINER = "copy-to-s3";
/** With S3, the container whose exit status is that of the backup. */
export const REPORT_CONTAINER = "report";

const MINUTE = 60;

/** Where the backup leaves what has failed, for the container that reports it. */
const FAILURES = "/tmp/failures";

/** Returns the files of the CronJob and of the claim for the archives. */
export function backupFiles(workload: Workload, model: Model): OutputFile[] {
  const spec = ["spec", "jobTemplate", "spec", "template", "spec"];
  const { cluster, backup } = model.config;
  return [
    objectFile(claim(workload, BACKUPS_CLAIM, cluster.storageClass, backup.storageSize)),
    objectFile(backupCronJob(workload, model), [
      [
        [...spec, "affinity"],
        "The volumes are ReadWriteOnce and attach to one node, and SQLite's shared memory requires one kernel.",
      ],
      [
        [...spec, "initContainers", 0],
        "A native sidecar: whatever the workspace does to it, the backup of the state goes on.",
      ],
    ]),
  ];
}

function backupCronJob(workload: Workload, model: Model): ICronJob {
  const { schedule, timeZone, s3 } = model.config.backup;
  const archive = archiveContainer(workload, model.config.backup.keep);
  const workspace = workspaceContainer(workload, model.config.sandbox.backend);
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
          // A run that failed in part is not repeated: its archives would take the place of an earlier night's.
          podFailurePolicy: {
            rules: [{
              action: "FailJob",
              onExitCodes: {
                containerName: s3 === undefined ? BACKUP_CONTAINER : REPORT_CONTAINER,
                operator: "In",
                values: [1],
              },
            }],
          },
          // Without a running gateway the pod stays Pending; the deadline ends it. It is longer than what backup.sh allows its parts.
          activeDeadlineSeconds: 75 * MINUTE,
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
            ...(s3 === undefined ? { initContainers: [workspace], containers: [archive] } : {
              // What could be archived is copied before the run fails.
              initContainers: [workspace, { ...archive, env: [...archive.env ?? [], ...plainEnv({ FAILURES })] }],
              containers: [copyContainer(workload, s3, model.config), reportContainer(archive)],
            }),
            volumes: VOLUMES,
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
      WORKSPACES_DIR,
      GATEWAY_ENTRIES: GATEWAY_ENTRIES.join(" "),
      EXCHANGE_DIR,
      BACKUP_DIR,
      OLD_BACKUP_DIR,
      KEEP: String(keep),
    }),
    resources: resources(workload.resources),
    securityContext: lockedDown(workload),
    volumeMounts: [
      home,
      // For a restore, whose pod is derived from this one.
      workspaces,
      mount("backups", BACKUP_DIR),
      mount("exchange", EXCHANGE_DIR, true),
      mount("tmp", "/tmp"),
      mount("backup", "/backup", true),
      // openclaw.json names it, and OpenClaw refuses a configuration whose plugin is not there.
      mount("elevation", ELEVATION_DIR, true),
    ],
  };
}

/**
 * Returns the container that streams the workspace. It runs as the user of the agent's commands, who can read the files that they
 * write. Its group is the gateway's, so that the backup can read the stream.
 */
function workspaceContainer(workload: Workload, backend: PackConfig["sandbox"]["backend"]): IContainer {
  const uid = backend === "docker" ? SANDBOX_UID : workload.uid;
  return {
    name: WORKSPACE_CONTAINER,
    image: workload.image,
    ...CONTAINER_DEFAULTS,
    restartPolicy: "Always",
    command: ["sh", "/backup/archive-workspace.sh", ...GATEWAY_ENTRIES],
    env: plainEnv({ WORKSPACES_DIR, EXCHANGE_DIR }),
    resources: { requests: SMALL_RESOURCES.requests, limits: { cpu: "1", memory: "512Mi" } },
    securityContext: { ...lockedDown(workload), runAsUser: uid },
    volumeMounts: [
      { ...workspaces, readOnly: true },
      mount("exchange", EXCHANGE_DIR),
      mount("backup", "/backup", true),
    ],
  };
}

/** Returns the container that fails if a part of the backup has failed. */
function reportContainer({ image, securityContext }: IContainer): IContainer {
  return {
    name: REPORT_CONTAINER,
    ...(image === undefined ? {} : { image }),
    ...CONTAINER_DEFAULTS,
    command: ["sh", "/backup/backup.sh", "report"],
    env: plainEnv({ FAILURES }),
    resources: SMALL_RESOURCES,
    ...(securityContext === undefined ? {} : { securityContext }),
    volumeMounts: [mount("tmp", "/tmp", true), mount("backup", "/backup", true)],
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
      `${BACKUP_DIR}/good`,
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
    volumeMounts: [mount("backups", BACKUP_DIR, true)],
  };
}

const VOLUMES: IVolume[] = [
  { name: "state", persistentVolumeClaim: { claimName: STATE_CLAIM } },
  { name: "workspace", persistentVolumeClaim: { claimName: WORKSPACE_CLAIM } },
  { name: "backups", persistentVolumeClaim: { claimName: BACKUPS_CLAIM } },
  { name: "exchange", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
  // What needs room is on the archives' volume.
  { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
  { name: "backup", configMap: { name: BACKUP } },
  { name: "elevation", configMap: { name: OPENCLAW_ELEVATION } },
];
