/**
 * Archives of OpenClaw's state and of the agent's workspace.
 *
 * @module
 */

import * as v from "valibot";
import { DEFAULT_TIME_ZONE } from "../../tables/time_zone.ts";
import * as format from "../formats.ts";
import { flag, number, required, section, text } from "./fields.ts";

/** The section `backup`. */
export const backup = v.optional(
  section({
    enabled: flag(true, "Whether the state and the workspace are backed up."),
    schedule: text(format.cronSchedule, "17 3 * * *", "When the backup runs, in cron's five fields."),
    timeZone: text(format.timeZone, DEFAULT_TIME_ZONE, "Time zone of the schedule."),
    keep: number(1, 365, 7, "How many good archives stay on their volume. Older ones are deleted."),
    storageSize: text(
      format.bytes,
      "20Gi",
      "Size of the volume with the archives. A restore test also unpacks the newest one there.",
    ),
    s3: v.optional(
      section(
        {
          bucket: required(
            format.bucket,
            "Your S3 bucket, to which each good archive is copied. Its lifecycle rule decides how long copies are kept.",
          ),
          prefix: text(format.s3Prefix, "openclaw", "Folder in the bucket."),
          region: v.optional(
            v.pipe(format.awsRegion, v.description("Region of the bucket, if it is not `aws.region`.")),
          ),
        },
        "Copies every good archive to S3, so that the archives survive the loss of the volume. Without this section nothing is copied.",
      ),
    ),
  }, "Archives of OpenClaw's state and workspace, created and tested while the gateway runs."),
  {},
);
