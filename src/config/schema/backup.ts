/**
 * Archives of OpenClaw's state.
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
    enabled: flag(true, "Whether the state is backed up."),
    schedule: text(format.cronSchedule, "17 3 * * *", "When, in cron's five fields."),
    timeZone: text(format.timeZone, DEFAULT_TIME_ZONE, "Time zone of the schedule."),
    keep: number(1, 365, 7, "How many archives stay on the state volume: the newest."),
    s3: v.optional(
      section({
        bucket: required(
          format.bucket,
          "An S3 bucket of yours, where each archive is copied to; its lifecycle rule says for how long.",
        ),
        prefix: text(format.s3Prefix, "openclaw", "Folder in the bucket."),
        region: v.optional(
          v.pipe(format.awsRegion, v.description("Region of the bucket, where it is not `aws.region`.")),
        ),
      }, "A copy of every archive in S3, which a lost volume does not take along. Without it there is none."),
    ),
  }, "Archives of OpenClaw's state, made and verified beside the running gateway."),
  {},
);
