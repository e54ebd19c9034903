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
      "Where the agent's commands run: docker is a daemon in the gateway's pod (privileged, shares the workspace); " +
        "ssh is an unprivileged pod in a namespace of its own.",
    ),
    memory: text(format.bytes, "1Gi", "With `backend: docker`: memory of one sandbox."),
    cpus: number(1, 64, 1, "With `backend: docker`: CPU cores of one sandbox."),
    pids: number(32, 32_768, 256, "With `backend: docker`: processes in one sandbox at a time."),
    diskSize: text(
      format.bytes,
      "20Gi",
      "Space for the docker daemon's images and containers, or for the ssh sandboxes.",
    ),
    image: v.optional(v.pipe(
      format.image,
      v.description(
        "With `backend: ssh`: the image of the sandbox pod, built from src/generate/sandbox/ssh.Dockerfile.",
      ),
    )),
    namespace: text(format.dnsLabel, "openclaw-sandbox", "With `backend: ssh`: the namespace of its pod."),
  }, "Where the agent's commands run."),
  {},
);
