/**
 * Names of the ConfigMaps and init steps of the gateway's pod.
 *
 * @module
 */

/** The ConfigMap with openclaw.json. */
export const OPENCLAW_CONFIG = "openclaw-config";
/** The ConfigMap with SOUL.md and the skills. */
export const OPENCLAW_WORKSPACE = "openclaw-workspace";
/** The ConfigMap with the scripts of the init steps. */
export const OPENCLAW_INIT = "openclaw-init";
/** The ConfigMap with Codex CLI's configuration. */
export const OPENCLAW_CODEX = "openclaw-codex";
/** The ConfigMap with what keeps commands in the sandbox. */
export const OPENCLAW_ELEVATION = "openclaw-elevation";
/** The init step that comes before the others. */
export const PREPARE_STEP = "prepare-state";
/** The init step that installs the Discord plugin. */
export const PLUGIN_STEP = "install-plugins";
/** The init step that installs Codex CLI and gh. */
export const TOOLS_STEP = "install-tools";
/** The ConfigMap with all that belongs to the docker daemon. */
export const OPENCLAW_SANDBOX = "openclaw-sandbox";
