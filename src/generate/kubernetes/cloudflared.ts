/**
 * The tunnel's client (requirement B8).
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { Workload } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { deployment } from "./deployment.ts";
import { objectFile } from "./object.ts";
import { CONTAINER_DEFAULTS, lockedDown, resources, secretEnv } from "./pod.ts";
import { CLOUDFLARED_METRICS_PORT } from "../../tables/workloads.ts";

/** Returns the Deployment's file. */
export function cloudflaredFile(cloudflared: Workload): OutputFile {
  return objectFile(cloudflaredDeployment(cloudflared), [
    [
      ["spec", "template", "spec", "containers", 0, "env"],
      "TUNNEL_TOKEN is passed in the environment: an argument would appear in the node's process list.",
    ],
  ]);
}

function cloudflaredDeployment(cloudflared: Workload): IDeployment {
  const ready = { httpGet: { path: "/ready", port: CLOUDFLARED_METRICS_PORT } };
  return deployment(cloudflared, {
    containers: [{
      name: cloudflared.name,
      image: cloudflared.image,
      ...CONTAINER_DEFAULTS,
      args: ["tunnel", "--no-autoupdate", "--metrics", `0.0.0.0:${CLOUDFLARED_METRICS_PORT}`, "run"],
      env: secretEnv(cloudflared.reader),
      ports: [{ name: "metrics", containerPort: CLOUDFLARED_METRICS_PORT, protocol: "TCP" }],
      readinessProbe: { ...ready, periodSeconds: 10, timeoutSeconds: 5 },
      // /ready fails when every connection to the edge is lost; a restart reconnects.
      livenessProbe: {
        ...ready,
        initialDelaySeconds: 30,
        periodSeconds: 20,
        timeoutSeconds: 5,
        failureThreshold: 6,
      },
      resources: resources(cloudflared.resources),
      securityContext: lockedDown(cloudflared),
    }],
  });
}
