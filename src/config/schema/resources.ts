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
      cpuRequest: text(format.cpu, cpuRequest, "CPU that the scheduler sets aside."),
      cpuLimit: text(format.cpu, cpuLimit, "CPU at which the container is slowed down."),
      memoryRequest: text(format.bytes, memoryRequest, "Memory that the scheduler sets aside."),
      memoryLimit: text(format.bytes, memoryLimit, "Memory at which the container is killed."),
    }, description),
    {},
  );

/** The section `resources`. */
export const resources = v.optional(
  section({
    // OpenClaw alone was measured at 0.4 to 1.5 GiB.
    openclaw: container("500m", "2", "1Gi", "4Gi", "The gateway."),
    docker: container("250m", "2", "512Mi", "2Gi", "The docker daemon with all its sandboxes."),
    // At 512Mi it was OOMKilled; the CPU limit only shortens the start, 12 s of a whole core.
    litellm: container("100m", "2", "512Mi", "1Gi", "LiteLLM."),
    // 15 MiB at rest; a connection takes 33 KiB while it is in use, and 2000 fit.
    keyProxy: container("20m", "500m", "32Mi", "128Mi", "The key proxy."),
    cloudflared: container("50m", "200m", "64Mi", "128Mi", "The tunnel's client."),
    sandbox: container("100m", "1", "128Mi", "1Gi", "With `backend: ssh`: the sandbox pod."),
    // Seen at 340 MiB with a small state.
    backup: container("50m", "1", "384Mi", "1Gi", "The nightly backup, while it runs."),
  }, "CPU and memory of the containers."),
  {},
);
