/**
 * Environment variables that the pods set themselves; no secret of pack.yaml may use one of these names.
 *
 * @module
 */

import { GIT_ENV, type GitVariable } from "./git.ts";
import type { WORKLOAD_NAMES } from "./workloads.ts";

/** The variables of each workload that pack.yaml can give a secret. A test checks that each pod sets these and no others. */
export const OWN_ENV = {
  cloudflared: [],
  openclaw: [
    "HOME",
    "PATH",
    "WORKSPACES_DIR",
    "NODE_OPTIONS",
    "XDG_CACHE_HOME",
    "OPENCLAW_STATE_DIR",
    "OPENCLAW_CONFIG_PATH",
    "OPENCLAW_CONFIG_READONLY",
    "OPENCLAW_DISABLE_BONJOUR",
    "OPENCLAW_NO_AUTO_UPDATE",
    "OPENCLAW_NO_RESPAWN",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    ...Object.keys(GIT_ENV) as GitVariable[],
  ],
  litellm: [
    "HOME",
    "CONFIG_FILE_PATH",
    "PYTHONPATH",
    "SPEND_FILE",
    "LITELLM_LOCAL_MODEL_COST_MAP",
    "LITELLM_DISABLE_ACCESS_LOG_PATHS",
    "PYTHON_GC_THRESHOLD",
    "DISABLE_ADMIN_UI",
    "NO_DOCS",
    "NO_OPENAPI",
    "NO_REDOC",
  ],
  sandbox: [],
} as const satisfies Record<(typeof WORKLOAD_NAMES)[number], readonly string[]>;
