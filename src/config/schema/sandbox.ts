/**
 * Where the agent's commands run.
 *
 * @module
 */

import * as v from "valibot";
import * as format from "../formats.ts";
import { choice, number, section, text } from "./fields.ts";

/** The section `sandbox`. */
export const sandbox = v.optional(
  section({
    backend: choice(
      ["docker", "ssh"],
      "docker",
      "Where the agent's commands run: docker is a daemon in the gateway's pod (privileged, sharing the workspace); " +
        "ssh is an unprivileged pod in a separate namespace.",
    ),
    memory: text(format.bytes, "1Gi", "Memory of one sandbox, with `backend: docker`."),
    cpus: number(1, 64, 1, "CPU cores of one sandbox, with `backend: docker`."),
    pids: number(32, 32_768, 256, "Maximum number of processes in one sandbox, with `backend: docker`."),
    diskSize: text(
      format.bytes,
      "20Gi",
      "Space for the docker daemon's images and containers, or for the ssh sandboxes.",
    ),
    image: v.optional(v.pipe(
      format.image,
      v.description(
        "Image of the sandbox pod, with `backend: ssh`; built from src/generate/sandbox/ssh.Dockerfile.",
      ),
    )),
    namespace: text(format.dnsLabel, "openclaw-sandbox", "Namespace of the sandbox pod, with `backend: ssh`."),
  }, "Where the agent's commands run."),
  {},
);
