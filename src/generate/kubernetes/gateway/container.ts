/**
 * The container that runs OpenClaw's gateway.
 *
 * @module
 */

import type { IContainer } from "kubernetes-models/v1/Container";
import type { PackConfig } from "../../../config/schema.ts";
import type { Workload } from "../../../model/workloads.ts";
import { GIT_ENV } from "../../../tables/git.ts";
import {
  CODEX_CONFIG_DIR,
  ELEVATION_DIR,
  GIT_DIR,
  INSTALLED_PLUGINS_DIR,
  SSH_CLIENT_DIR,
  TOOLS_DIR,
} from "../../../tables/paths.ts";
import { GATEWAY_PORT } from "../../../tables/workloads.ts";
import { CONTAINER_DEFAULTS, lockedDown, nodeHeap, ownEnv, resources, secretEnv } from "../pod.ts";
import { PREPARE_STATE, prepareStateEnv, prepareStateMounts } from "./init.ts";
import { dockerClientEnv, dockerClientMounts, mount, STATE_ENV, tmp } from "./mounts.ts";

/** Installs the approvals document. If that fails the gateway does not start, because a message could turn approvals off. */
const APPROVALS = `node openclaw.mjs approvals set --file ${ELEVATION_DIR}/approvals.json >/tmp/approvals.log`;

/** Returns the gateway's container, which installs the files from Git and starts OpenClaw. */
export function gateway(workload: Workload, { discord, sandbox }: PackConfig): IContainer {
  const docker = sandbox.backend === "docker";
  return {
    name: workload.name,
    image: workload.image,
    ...CONTAINER_DEFAULTS,
    // args instead of command keeps the image's entry point, tini. The gateway prepares the state too, because init containers
    // do not run again after a crash.
    args: [
      "sh",
      "-c",
      `${PREPARE_STATE} && ${APPROVALS} && exec node openclaw.mjs gateway --bind lan --port ${GATEWAY_PORT}`,
    ],
    workingDir: "/app",
    env: [
      ...secretEnv(workload.reader),
      ...ownEnv("openclaw", {
        ...STATE_ENV,
        ...prepareStateEnv,
        // openclaw.json comes from Git only.
        OPENCLAW_CONFIG_READONLY: "1",
        OPENCLAW_DISABLE_BONJOUR: "1",
        OPENCLAW_NO_AUTO_UPDATE: "1",
        OPENCLAW_NO_RESPAWN: "1",
        NODE_OPTIONS: nodeHeap(workload.resources.memoryLimit),
        ...(docker ? dockerClientEnv : {}),
        // The image's PATH, then the tools, so that no tool replaces one of the image's programs.
        PATH: [
          ...(docker ? ["/opt/docker-cli"] : []),
          "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          `${TOOLS_DIR}/bin`,
        ].join(":"),
        ...GIT_ENV,
      }),
    ],
    ports: [{ name: "http", containerPort: GATEWAY_PORT, protocol: "TCP" }],
    // The gateway starts in 7 to 41 s; 75 times 4 s is five minutes. /readyz would fail while Discord is unavailable, and the
    // web UI must not fail with it.
    startupProbe: { ...started(4), initialDelaySeconds: 3, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 75 },
    readinessProbe: { ...started(0), periodSeconds: 10, timeoutSeconds: 5 },
    // An httpGet from the kubelet is enough here: if the path is ever removed, the web UI answers with 200, and nothing is
    // restarted.
    livenessProbe: {
      httpGet: { path: "/healthz", port: GATEWAY_PORT },
      periodSeconds: 30,
      timeoutSeconds: 10,
      failureThreshold: 3,
    },
    resources: resources(workload.resources),
    securityContext: lockedDown(workload),
    volumeMounts: [
      ...prepareStateMounts,
      tmp,
      mount("codex", CODEX_CONFIG_DIR, true),
      mount("git", GIT_DIR, true),
      mount("elevation", ELEVATION_DIR, true),
      ...(discord.enabled ? [mount("plugins", INSTALLED_PLUGINS_DIR, true)] : []),
      mount("tools", TOOLS_DIR, true),
      ...(docker
        ? [...dockerClientMounts, mount("docker-cli", "/opt/docker-cli", true)]
        : [mount("ssh-client", SSH_CLIENT_DIR, true)]),
    ],
  };
}

/**
 * Returns a probe that asks five times a second for up to this many seconds, so that a start does not wait for the kubelet's
 * next probe.
 */
function started(seconds: number) {
  return { exec: { command: ["bash", "/init/started.sh", String(seconds)] } };
}
