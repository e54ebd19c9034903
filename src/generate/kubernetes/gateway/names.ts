/**
 * Names of the ConfigMaps and init containers of the gateway's pod.
 *
 * @module
 */

/** The ConfigMap with openclaw.json. */
export const OPENCLAW_CONFIG = "openclaw-config";
/** The ConfigMap with SOUL.md and the skills. */
export const OPENCLAW_WORKSPACE = "openclaw-workspace";
/** The ConfigMap with the scripts of the init containers. */
export const OPENCLAW_INIT = "openclaw-init";
/** The ConfigMap with Codex CLI's configuration. */
export const OPENCLAW_CODEX = "openclaw-codex";
/** The ConfigMap with the script that exchanges commits with GitHub. */
export const OPENCLAW_GIT = "openclaw-git";
/** The ConfigMap with the policy on commands outside the sandbox. */
export const OPENCLAW_ELEVATION = "openclaw-elevation";
/** The init container that runs before the others. */
export const PREPARE_STEP = "prepare-state";
/** The init container that installs the Discord plugin. */
export const PLUGIN_STEP = "install-plugins";
/** The init container that installs Codex CLI and gh. */
export const TOOLS_STEP = "install-tools";
/** The ConfigMap with the files of the docker daemon and its sandbox image. */
export const OPENCLAW_SANDBOX = "openclaw-sandbox";
