/**
 * The gateway's pod (requirements B3, B5, B13): init containers that install what it needs, the gateway, which first installs
 * the files from Git, and with the docker backend a docker daemon and a container that provides its sandbox image. Every line
 * that looks unnecessary is the result of a failure.
 *
 * @module
 */

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IVolume } from "kubernetes-models/v1/Volume";
import type { PackConfig } from "../../../config/schema.ts";
import type { Model } from "../../../model/model.ts";
import type { Workload } from "../../../model/workloads.ts";
import type { OutputFile } from "../../../output/file.ts";
import type { Comment } from "../../../output/yaml.ts";
import { WORKSPACE_FILES } from "../../openclaw/workspace.ts";
import { deployment } from "../deployment.ts";
import { objectFile } from "../object.ts";
import { secretFiles } from "../pod.ts";
import { STATE_CLAIM, WORKSPACE_CLAIM } from "../storage.ts";
import { gateway } from "./container.ts";
import { dockerDaemon, sandboxImage } from "./docker.ts";
import { installPlugins, installTools, prepareState } from "./init.ts";
import {
  OPENCLAW_CODEX,
  OPENCLAW_CONFIG,
  OPENCLAW_ELEVATION,
  OPENCLAW_GIT,
  OPENCLAW_INIT,
  OPENCLAW_SANDBOX,
  OPENCLAW_WORKSPACE,
} from "./names.ts";

/** Returns the Deployment's file. */
export function gatewayFile(workload: Workload, model: Model): OutputFile {
  const spec = ["spec", "template", "spec"] as const;
  const comments: Comment[] = model.config.sandbox.backend === "docker"
    ? [
      [[...spec, "initContainers", 0], "A native sidecar: it starts first and keeps running."],
      [
        [...spec, "initContainers", 0, "securityContext", "privileged"],
        "The only privileged container; Docker-in-Docker requires it.",
      ],
      [
        [...spec, "initContainers", 0, "volumeMounts", 2],
        "The daemon mounts the workspace and the skills by their paths, which must be the same as in the gateway.",
      ],
    ]
    : [];
  return objectFile(gatewayDeployment(workload, model), comments);
}

function gatewayDeployment(workload: Workload, model: Model): IDeployment {
  const { config } = model;
  // The row has a sidecar only with the docker backend.
  const { sidecar: docker } = workload;
  // The volume holds SQLite, so two gateways must never run at the same time.
  return deployment(workload, {
    // Each pod has the same host name, so that OpenClaw sees that a process of an earlier pod has ended. Otherwise, a pod that was
    // killed while it migrated the state would delay the next one by five minutes.
    hostname: workload.name,
    terminationGracePeriodSeconds: 60,
    initContainers: [
      ...(docker === undefined ? [] : [dockerDaemon(docker)]),
      prepareState(workload),
      ...(config.discord.enabled ? [installPlugins(workload)] : []),
      installTools(workload),
    ],
    containers: [
      gateway(workload, config),
      ...(docker === undefined
        ? []
        : [sandboxImage(workload, docker, { image: model.sandboxImage, base: config.images.sandboxBase })]),
    ],
    volumes: volumes(workload, config),
  }, { hasVolume: true });
}

function volumes({ reader }: Workload, { discord, sandbox }: PackConfig): IVolume[] {
  const configMap = (name: string, source: string): IVolume => ({ name, configMap: { name: source } });
  return [
    { name: "state", persistentVolumeClaim: { claimName: STATE_CLAIM } },
    { name: "workspace", persistentVolumeClaim: { claimName: WORKSPACE_CLAIM } },
    // In memory, because with fsGroup any other emptyDir is group-writable, which OpenClaw refuses for /tmp.
    { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "256Mi" } },
    configMap("config", OPENCLAW_CONFIG),
    {
      name: "workspace-files",
      configMap: {
        name: OPENCLAW_WORKSPACE,
        items: WORKSPACE_FILES.map(({ key, path }) => ({ key, path })),
      },
    },
    configMap("init", OPENCLAW_INIT),
    configMap("codex", OPENCLAW_CODEX),
    configMap("git", OPENCLAW_GIT),
    configMap("elevation", OPENCLAW_ELEVATION),
    // Emptied with the pod, so that every start fills them again. The sizes have room for later versions.
    ...(discord.enabled ? [{ name: "plugins", emptyDir: { sizeLimit: "512Mi" } }] : []),
    { name: "tools", emptyDir: { sizeLimit: "2Gi" } },
    ...(sandbox.backend === "docker"
      ? [
        configMap("sandbox", OPENCLAW_SANDBOX),
        { name: "docker-certs", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "docker-data", emptyDir: { sizeLimit: sandbox.diskSize } },
        { name: "docker-cli", emptyDir: { sizeLimit: "256Mi" } },
        { name: "docker-tmp", emptyDir: { sizeLimit: "256Mi" } },
      ]
      : [secretFiles(reader, "ssh-client")]),
  ];
}
