/**
 * The docker backend of the gateway's pod: the daemon, and the container that provides its sandbox image.
 *
 * @module
 */

import type { IContainer } from "kubernetes-models/v1/Container";
import type { Sidecar, Workload } from "../../../model/workloads.ts";
import { CACHE_DIR, WORKSPACES_DIR } from "../../../tables/paths.ts";
import { SANDBOX_USER } from "../../../tables/workloads.ts";
import { GATEWAY_ENTRIES } from "../../openclaw/workspace.ts";
import { CONTAINER_DEFAULTS, lockedDown, plainEnv, resources, SMALL_RESOURCES } from "../pod.ts";
import { dockerClientEnv, dockerClientMounts, home, mount, workspaces } from "./mounts.ts";

/** Returns the docker daemon, whose containers are the sandboxes. */
export function dockerDaemon({ image, resources: row }: Sidecar): IContainer {
  return {
    name: "docker",
    image,
    ...CONTAINER_DEFAULTS,
    restartPolicy: "Always",
    // The daemon creates new certificates at each start; only the client's part is shared.
    env: plainEnv({ DOCKER_TLS_CERTDIR: "/certs" }),
    lifecycle: { postStart: { exec: { command: ["sh", "/sandbox/firewall.sh"] } } },
    // A startupProbe would delay the gateway by a second and a half, and the pod is ready only with `sandbox-image`, which
    // waits for the daemon. The first start may take two minutes on slow disks.
    livenessProbe: {
      exec: { command: ["docker", "-H", "unix:///var/run/docker.sock", "version"] },
      initialDelaySeconds: 60,
      periodSeconds: 30,
      timeoutSeconds: 15,
      failureThreshold: 3,
    },
    resources: resources(row),
    securityContext: { privileged: true, runAsUser: 0, runAsGroup: 0 },
    volumeMounts: [
      mount("docker-certs", "/certs/client"),
      mount("docker-data", "/var/lib/docker"),
      workspaces,
      // OpenClaw keeps the skills that it mounts into a sandbox in its state. No sandbox writes there.
      { ...home, readOnly: true },
      mount("sandbox", "/sandbox", true),
      { ...mount("sandbox", "/etc/docker/daemon.json", true), subPath: "daemon.json" },
    ],
  };
}

/**
 * Returns the container that provides the sandbox image and then prunes. Building or loading the image takes as long as the
 * gateway's start, so both run in parallel, and the pod is ready when both are done.
 */
export function sandboxImage(
  workload: Workload,
  docker: Sidecar,
  { image, base }: { readonly image: string; readonly base: string },
): IContainer {
  return {
    name: "sandbox-image",
    image: docker.image,
    ...CONTAINER_DEFAULTS,
    // build-image.sh runs in the background, because a shell as process 1 handles SIGTERM only after its foreground command
    // ends.
    command: [
      "sh",
      "-c",
      "trap 'exit 0' TERM INT; " +
      `(sh /sandbox/build-image.sh && sh /sandbox/adopt-workspace.sh ${SANDBOX_USER} ${GATEWAY_ENTRIES.join(" ")}) & ` +
      "wait $! && exec sh /sandbox/prune.sh",
    ],
    env: plainEnv({
      ...dockerClientEnv,
      SANDBOX_IMAGE: image,
      BASE_IMAGE: base,
      ARCHIVE_DIR: `${CACHE_DIR}/images`,
      WORKSPACES_DIR,
    }),
    // Without the image every turn fails, and once built it stays. 900 times 4 s is an hour, because a build depends on
    // Debian's mirrors.
    startupProbe: {
      exec: { command: ["sh", "/sandbox/image-ready.sh"] },
      periodSeconds: 1,
      timeoutSeconds: 10,
      failureThreshold: 900,
    },
    resources: SMALL_RESOURCES,
    securityContext: lockedDown(workload),
    volumeMounts: [
      ...dockerClientMounts,
      home,
      workspaces,
      mount("sandbox", "/sandbox", true),
      mount("docker-cli", "/cli"),
      mount("docker-tmp", "/tmp"),
    ],
  };
}
