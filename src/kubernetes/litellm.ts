/**
 * LiteLLM, the only holder of the Anthropic key (SPEC B6, B7).
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { type Model, workloadOf } from "../model/model.ts";
import { LITELLM_PORT } from "../model/workloads.ts";
import type { OutputFile } from "../output/file.ts";
import { deployment } from "./deployment.ts";
import { objectFile } from "./object.ts";
import { CONTAINER_DEFAULTS, lockedDown, ownEnv, resources, secretEnv } from "./pod.ts";

/** The ConfigMap with config.yaml and the auth module. */
export const LITELLM_CONFIG = "litellm-config";

const CONFIG_FOLDER = "/etc/litellm";

/** The Deployment's file. */
export function litellmFile(model: Model): OutputFile {
  return objectFile(litellmDeployment(model));
}

function litellmDeployment(model: Model): IDeployment {
  const workload = workloadOf(model, "litellm");
  // Plain /health needs a key and calls the models, at a price.
  const alive = { httpGet: { path: "/health/liveliness", port: LITELLM_PORT } };
  const ready = { httpGet: { path: "/health/readiness", port: LITELLM_PORT } };
  return deployment(workload, {
    containers: [{
      name: workload.name,
      image: model.config.images.litellm,
      ...CONTAINER_DEFAULTS,
      args: ["--port", String(LITELLM_PORT)],
      env: [
        ...secretEnv(model, workload.name),
        ...ownEnv("litellm", {
          CONFIG_FILE_PATH: `${CONFIG_FOLDER}/config.yaml`,
          // Nothing is fetched at the start.
          LITELLM_LOCAL_MODEL_COST_MAP: "True",
          // By Python's own thresholds its 3600 modules are looked through again and again: a twelfth of the start.
          PYTHON_GC_THRESHOLD: "50000,50,50",
          // Pages that would answer without a key; /ui/, /mcp/docs and others still do, and the NetworkPolicy shuts them.
          DISABLE_ADMIN_UI: "True",
          NO_DOCS: "True",
          NO_OPENAPI: "True",
          NO_REDOC: "True",
          LITELLM_DISABLE_ACCESS_LOG_PATHS: `${alive.httpGet.path},${ready.httpGet.path}`,
          HOME: "/tmp",
        }),
      ],
      ports: [{ name: "http", containerPort: LITELLM_PORT, protocol: "TCP" }],
      // Up after 5 to 36 s, by how much CPU it gets.
      startupProbe: { ...alive, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 180 },
      readinessProbe: { ...ready, periodSeconds: 10, timeoutSeconds: 5 },
      livenessProbe: { ...alive, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
      // It closes its port at once when told to end, and for a second the Service still leads there.
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
      resources: resources(model.config, "litellm"),
      securityContext: lockedDown(workload),
      volumeMounts: [
        { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
        { name: "tmp", mountPath: "/tmp" },
      ],
    }],
    volumes: [
      { name: "config", configMap: { name: LITELLM_CONFIG } },
      { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    ],
  });
}
