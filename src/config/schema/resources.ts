/**
 * CPU and memory of the containers.
 *
 * @module
 */

import * as v from "valibot";
import * as format from "../formats.ts";
import { section, text } from "./fields.ts";

const container = (
  cpuRequest: string,
  cpuLimit: string,
  memoryRequest: string,
  memoryLimit: string,
  description: string,
) =>
  v.optional(
    section({
      cpuRequest: text(format.cpu, cpuRequest, "CPU that the scheduler reserves."),
      cpuLimit: text(format.cpu, cpuLimit, "CPU above which the container is throttled."),
      memoryRequest: text(format.bytes, memoryRequest, "Memory that the scheduler reserves."),
      memoryLimit: text(format.bytes, memoryLimit, "Memory above which the container is killed."),
    }, description),
    {},
  );

/** The section `resources`. */
export const resources = v.optional(
  section({
    // OpenClaw alone used 0.4 to 1.5 GiB when measured.
    openclaw: container("500m", "2", "1Gi", "4Gi", "The gateway."),
    docker: container("250m", "2", "512Mi", "2Gi", "The docker daemon, including all sandboxes."),
    // With a limit of 512Mi it was OOMKilled. The CPU limit only affects the start, which takes 12 s of one core.
    litellm: container("100m", "2", "512Mi", "1Gi", "LiteLLM."),
    // 15 MiB at rest, plus 33 KiB for each connection in use; 2000 connections fit.
    keyProxy: container("20m", "500m", "32Mi", "128Mi", "The key proxy."),
    cloudflared: container("50m", "200m", "64Mi", "128Mi", "The tunnel's client."),
    sandbox: container("100m", "1", "128Mi", "1Gi", "The sandbox pod, with `backend: ssh`."),
    // 340 MiB were measured with a small state.
    backup: container("50m", "1", "384Mi", "1Gi", "The nightly backup, while it runs."),
  }, "CPU and memory of the containers."),
  {},
);
