/**
 * The init containers of the gateway's pod, which install what it needs.
 *
 * @module
 */

import type { IContainer } from "kubernetes-models/v1/Container";
import type { Workload } from "../../../model/workloads.ts";
import { BLOCKED_NAMES } from "../../openclaw/workspace.ts";
import {
  ARCHIVES_DIR,
  HOME_DIR,
  INSTALLED_PLUGINS_DIR,
  OBSOLETE_TOOLS_DIR,
  PLUGINS_DIR,
  STATE_DIR,
  TOOLS_DIR,
  WORKSPACES_DIR,
} from "../../../tables/paths.ts";
import { CONTAINER_DEFAULTS, lockedDown, plainEnv, SMALL_RESOURCES } from "../pod.ts";
import { home, mount, tmp, workspaces } from "./mounts.ts";
import { PLUGIN_STEP, PREPARE_STEP, TOOLS_STEP } from "./names.ts";

/** The commands that copy the files from Git, in two ConfigMaps, to the volumes. */
export const PREPARE_STATE = `sh /init/prepare-state.sh /config ${INSTALLED_PLUGINS_DIR}/config && ` +
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

/**
 * Returns the init container that installs the Discord plugin: an archive of 16 MB, 54 MB unpacked. The gateway gets what it
 * installs, and can only read it.
 */
export function installPlugins(workload: Workload): IContainer {
  return installer(workload, {
    name: PLUGIN_STEP,
    command: ["sh", "/init/install-plugins.sh", "/init/plugins.txt", PLUGINS_DIR],
    env: { MOUNT_POINT: INSTALLED_PLUGINS_DIR },
    mounts: [mount("plugins", PLUGINS_DIR)],
  });
}

/** Returns the init container that installs the tools: 180 MB of archives, 480 MB unpacked. */
export function installTools(workload: Workload): IContainer {
  return installer(workload, {
    name: TOOLS_STEP,
    command: ["sh", "/init/install-archives.sh", "/init/tools.txt", TOOLS_DIR],
    env: { OBSOLETE: OBSOLETE_TOOLS_DIR },
    mounts: [mount("tools", TOOLS_DIR)],
  });
}

/** Its memory limit covers node and the page cache of the files that it writes. */
function installer(workload: Workload, { name, command, env = {}, mounts }: {
  readonly name: string;
  readonly command: string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts: ReturnType<typeof mount>[];
}): IContainer {
  return {
    name,
    image: workload.image,
    ...CONTAINER_DEFAULTS,
    command,
    env: plainEnv({ HOME: "/tmp", npm_config_cache: "/tmp/npm", ARCHIVES_DIR, ...env }),
    resources: { requests: SMALL_RESOURCES.requests, limits: { cpu: "2", memory: "512Mi" } },
    securityContext: lockedDown(workload),
    volumeMounts: [home, tmp, ...mounts, mount("init", "/init", true)],
  };
}
