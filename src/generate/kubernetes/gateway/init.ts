/**
 * The init containers of the gateway's pod, which install what it needs.
 *
 * @module
 */

import type { IContainer } from "kubernetes-models/v1/Container";
import type { Workload } from "../../../model/workloads.ts";
import { HOME_DIR, STATE_DIR, TOOLS_DIR, WORKSPACES_DIR } from "../../../tables/paths.ts";
import { imageVersion } from "../../../values/image_reference.ts";
import { BLOCKED_NAMES } from "../../openclaw/workspace.ts";
import { CONTAINER_DEFAULTS, lockedDown, plainEnv, SMALL_RESOURCES } from "../pod.ts";
import { home, mount, STATE_ENV, tmp, workspaces } from "./mounts.ts";
import { PLUGIN_STEP, PREPARE_STEP, TOOLS_STEP } from "./names.ts";

/** The commands that copy the files from Git, in two ConfigMaps, to the volumes. */
export const PREPARE_STATE = "sh /init/prepare-state.sh /config && " +
  `sh /init/prepare-workspace.sh /workspace-files ${BLOCKED_NAMES.join(" ")}`;
/** The mounts of these commands. */
export const prepareStateMounts = [
  home,
  workspaces,
  mount("init", "/init", true),
  mount("config", "/config", true),
  mount("workspace-files", "/workspace-files", true),
];
/** The variables of these commands. */
export const prepareStateEnv = { WORKSPACES_DIR };

/** Returns the init container that prepares the state for the other init containers; the gateway then prepares it again. */
export function prepareState(workload: Workload): IContainer {
  return {
    name: PREPARE_STEP,
    image: workload.image,
    ...CONTAINER_DEFAULTS,
    command: ["sh", "-c", PREPARE_STATE],
    env: plainEnv({ HOME: HOME_DIR, OPENCLAW_STATE_DIR: STATE_DIR, ...prepareStateEnv }),
    resources: SMALL_RESOURCES,
    securityContext: lockedDown(workload),
    volumeMounts: prepareStateMounts,
  };
}

/** Returns the init container that installs the Discord plugin. Its memory limit is what npm needs for 70 MB of packages. */
export function installPlugins(workload: Workload): IContainer {
  return {
    name: PLUGIN_STEP,
    image: workload.image,
    ...CONTAINER_DEFAULTS,
    command: ["sh", "/init/install-plugins.sh"],
    workingDir: "/app",
    env: plainEnv({
      ...STATE_ENV,
      HOME: "/tmp",
      npm_config_cache: "/tmp/npm",
      PLUGIN: `@openclaw/discord@${imageVersion(workload.image)}`,
    }),
    resources: { requests: SMALL_RESOURCES.requests, limits: { cpu: "2", memory: "1Gi" } },
    securityContext: lockedDown(workload),
    volumeMounts: [home, tmp, mount("init", "/init", true)],
  };
}

/**
 * Returns the init container that installs the tools: 180 MB of archives, 450 MB unpacked. Its memory limit covers node and the
 * page cache of the files that it writes.
 */
export function installTools(workload: Workload): IContainer {
  return {
    name: TOOLS_STEP,
    image: workload.image,
    ...CONTAINER_DEFAULTS,
    command: ["sh", "/init/install-tools.sh"],
    env: plainEnv({ HOME: "/tmp", npm_config_cache: "/tmp/npm", TOOLS_DIR }),
    resources: { requests: SMALL_RESOURCES.requests, limits: { cpu: "2", memory: "512Mi" } },
    securityContext: lockedDown(workload),
    volumeMounts: [home, tmp, mount("init", "/init", true)],
  };
}
