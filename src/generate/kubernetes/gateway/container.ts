/**
 * The container that runs OpenClaw's gateway.
 *
 * @module
 */

import type { IContainer } from "kubernetes-models/v1/Container";
import type { PackConfig } from "../../../config/schema.ts";
import type { Workload } from "../../../model/workloads.ts";
import { CODEX_CONFIG_DIR, ELEVATION_DIR, SSH_CLIENT_DIR, TOOLS_DIR } from "../../../tables/paths.ts";
import { GATEWAY_PORT } from "../../../tables/workloads.ts";
import { CONTAINER_DEFAULTS, lockedDown, nodeHeap, ownEnv, resources, secretEnv } from "../pod.ts";
import { PREPARE_STATE, prepareStateMounts } from "./init.ts";
import { dockerClientEnv, dockerClientMounts, mount, STATE_ENV, tmp } from "./mounts.ts";

/** Without it the gateway does not start: a message could turn the asking off. */
const APPROVALS = `node openclaw.mjs approvals set --file ${ELEVATION_DIR}/approvals.json >/tmp/approvals.log`;

/** The gateway: it puts Git's files in place and starts OpenClaw. */
export function gateway(workload: Workload, backend: PackConfig["sandbox"]["backend"]): IContainer {
  const docker = backend === "docker";
  return {
    name: workload.name,
    image: workload.image,
    ...CONTAINER_DEFAULTS,
    // The image's entry point is tini: args, not command. The state here too: a container that crashed gets no init step.
    args: [
      "sh",
      "-c",
      `${PREPARE_STATE.join(" ")} && ${APPROVALS} && exec node openclaw.mjs gateway --bind lan --port ${GATEWAY_PORT}`,
    ],
    workingDir: "/app",
    env: [
      ...secretEnv(workload.reader),
      ...ownEnv("openclaw", {
        ...STATE_ENV,
        // Git is the only writer of openclaw.json.
        OPENCLAW_CONFIG_READONLY: "1",
        OPENCLAW_DISABLE_BONJOUR: "1",
        OPENCLAW_NO_AUTO_UPDATE: "1",
        OPENCLAW_NO_RESPAWN: "1",
        NODE_OPTIONS: nodeHeap(workload.resources.memoryLimit),
        ...(docker ? dockerClientEnv : {}),
        // The image's own; the volume's comes last, so that nothing on it takes the place of the image's programs.
        PATH: [
          ...(docker ? ["/opt/docker-cli"] : []),
          "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          `${TOOLS_DIR}/bin`,
        ].join(":"),
      }),
    ],
    ports: [{ name: "http", containerPort: GATEWAY_PORT, protocol: "TCP" }],
    // Up after 7 to 41 s; 75 times 4 s are five minutes. Not /readyz: it fails while Discord is away, which must not take the web UI
    // along.
    startupProbe: { ...started(4), initialDelaySeconds: 3, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 75 },
    readinessProbe: { ...started(0), periodSeconds: 10, timeoutSeconds: 5 },
    // A GET from outside will do here: should the path ever go, the web UI answers it with 200, and nothing is restarted.
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
      mount("elevation", ELEVATION_DIR, true),
      ...(docker
        ? [...dockerClientMounts, mount("docker-cli", "/opt/docker-cli", true)]
        : [mount("ssh-client", SSH_CLIENT_DIR, true)]),
    ],
  };
}

/** Asks for up to so many seconds, five times a second, so that a start does not wait for the kubelet's next look. */
function started(seconds: number) {
  return { exec: { command: ["bash", "/init/started.sh", String(seconds)] } };
}
