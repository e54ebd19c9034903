/**
 * LiteLLM's pod: LiteLLM itself and the key proxy, the only holder of the Anthropic key (requirements B6, B7, E1, E8, E10).
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { Workload } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { deployment } from "./deployment.ts";
import { objectFile } from "./object.ts";
import { CONTAINER_DEFAULTS, lockedDown, ownEnv, resources, secretEnv } from "./pod.ts";
import { claim, SPEND_CLAIM } from "./storage.ts";
import { KEY_PROXY, LITELLM_PORT, LITELLM_PORTS } from "../../tables/workloads.ts";

/** The ConfigMap with config.yaml and the Python modules. */
export const LITELLM_CONFIG = "litellm-config";
/** The ConfigMap with haproxy.cfg. */
export const KEY_PROXY_CONFIG = "key-proxy-config";
/** The path of the spend record. */
export const SPEND_FILE = "/var/lib/litellm/spend.json";

const CONFIG_FOLDER = "/etc/litellm";
const KEY_PROXY_FOLDER = "/etc/key-proxy";
const SPEND_FOLDER = SPEND_FILE.slice(0, SPEND_FILE.lastIndexOf("/"));
/** Differs from LiteLLM's uid, so that neither container could read the other's files or processes even if they were shared. */
const KEY_PROXY_UID = 10001;

/** Returns the files of the Deployment and the claim. */
export function litellmFiles(litellm: Workload, storageClass: string): OutputFile[] {
  return [
    objectFile(litellmDeployment(litellm), [
      [
        ["spec", "strategy"],
        "The spend record has a single writer: the old pod ends before the new one starts.",
      ],
    ]),
    // Every provisioner can create a volume of 1Gi; the record itself has 100 bytes.
    objectFile(claim(litellm, SPEND_CLAIM, storageClass, "1Gi")),
  ];
}

function litellmDeployment(litellm: Workload): IDeployment {
  return deployment(litellm, {
    containers: [container(litellm), keyProxy(litellm)],
    volumes: [
      { name: "config", configMap: { name: LITELLM_CONFIG } },
      { name: "key-proxy-config", configMap: { name: KEY_PROXY_CONFIG } },
      { name: "spend", persistentVolumeClaim: { claimName: SPEND_CLAIM } },
      { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    ],
  }, { hasVolume: true });
}

function container(litellm: Workload): IContainer {
  // Probes go through the key proxy's port for probes, because LiteLLM listens on loopback. Plain /health needs a key and calls
  // the models, which costs money.
  const alive = { httpGet: { path: "/health/liveliness", port: LITELLM_PORTS.probes } };
  const ready = { httpGet: { path: "/health/readiness", port: LITELLM_PORTS.probes } };
  return {
    name: litellm.name,
    image: litellm.image,
    ...CONTAINER_DEFAULTS,
    args: ["--host", "127.0.0.1", "--port", String(LITELLM_PORTS.litellm)],
    env: [
      ...secretEnv(litellm.reader),
      ...ownEnv("litellm", {
        CONFIG_FILE_PATH: `${CONFIG_FOLDER}/config.yaml`,
        // custom_auth.py and budget.py import modules in this folder.
        PYTHONPATH: CONFIG_FOLDER,
        SPEND_FILE,
        // LiteLLM downloads no list of prices at the start.
        LITELLM_LOCAL_MODEL_COST_MAP: "True",
        // With Python's default thresholds, garbage collection of its 3600 modules takes a twelfth of the start.
        PYTHON_GC_THRESHOLD: "50000,50,50",
        // Disables pages that answer without a key; /ui/, /mcp/docs and others remain, and the front door blocks them.
        DISABLE_ADMIN_UI: "True",
        NO_DOCS: "True",
        NO_OPENAPI: "True",
        NO_REDOC: "True",
        LITELLM_DISABLE_ACCESS_LOG_PATHS: `${alive.httpGet.path},${ready.httpGet.path}`,
        HOME: "/tmp",
      }),
    ],
    // LiteLLM starts in 5 to 36 s, depending on CPU. While the port is closed the key proxy retries for 4 s, so 60 probes are 4
    // minutes.
    startupProbe: { ...alive, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 60 },
    readinessProbe: { ...ready, periodSeconds: 10, timeoutSeconds: 5 },
    livenessProbe: { ...alive, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
    resources: resources(litellm.resources),
    securityContext: lockedDown(litellm),
    volumeMounts: [
      { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
      { name: "spend", mountPath: SPEND_FOLDER },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

function keyProxy({ readers, sidecar }: Workload): IContainer {
  const reader = readers.find(({ name }) => name === KEY_PROXY);
  if (reader === undefined || sidecar === undefined) throw new Error("LiteLLM's row has no key proxy");
  const alive = { httpGet: { path: "/livez", port: LITELLM_PORTS.probes } };
  return {
    name: KEY_PROXY,
    image: sidecar.image,
    ...CONTAINER_DEFAULTS,
    // The command of its image: a master in the foreground that handles signals, because a worker as process 1 would ignore
    // SIGTERM.
    command: ["haproxy", "-W", "-db", "-f", `${KEY_PROXY_FOLDER}/haproxy.cfg`],
    env: secretEnv(reader),
    ports: [
      { name: "http", containerPort: LITELLM_PORT, protocol: "TCP" },
      { name: "probes", containerPort: LITELLM_PORTS.probes, protocol: "TCP" },
    ],
    // HAProxy starts at once, but a first probe that comes too early must not delay the start by ten seconds.
    startupProbe: { ...alive, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
    readinessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 5 },
    livenessProbe: { ...alive, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
    resources: resources(sidecar.resources),
    securityContext: lockedDown({ uid: KEY_PROXY_UID }),
    volumeMounts: [{ name: "key-proxy-config", mountPath: KEY_PROXY_FOLDER, readOnly: true }],
  };
}
