/**
 * Paths in the gateway's container.
 *
 * @module
 */

/** Where the state volume is mounted, at the same path for the gateway and for the docker daemon: the user's home. */
export const HOME_DIR = "/home/node";

/**
 * OpenClaw's state folder. It is a folder of the volume, not its root: the root is writable by its group, which OpenClaw's
 * audit reports, and the pods cannot change its owner.
 */
export const STATE_DIR = `${HOME_DIR}/.openclaw`;

/**
 * Where the workspace volume is mounted, at the same path for the gateway and for the docker daemon. The workspace is a folder of
 * it, so that the pack has room beside it that no sandbox reaches.
 */
export const WORKSPACES_DIR = "/workspaces";

/** The agent's workspace, which is `/workspace` in a sandbox. */
export const WORKSPACE_DIR = `${WORKSPACES_DIR}/main`;

/** Files that the pods can create again. They are outside the state, so that no backup contains them. */
export const CACHE_DIR = `${HOME_DIR}/.openclaw-pack`;

/** Copies of the verified archives, so that a restart needs no network. Each start verifies them again before it uses them. */
export const ARCHIVES_DIR = `${CACHE_DIR}/archives`;

/** Where earlier versions of this pack unpacked Codex CLI and gh. */
export const OBSOLETE_TOOLS_DIR = `${CACHE_DIR}/tools`;

/**
 * Codex CLI and gh, in a volume of the pod that each start fills and that the gateway can only read. The agent's sandbox does
 * not see it.
 */
export const TOOLS_DIR = "/opt/tools";

/** Such a volume with the Discord plugin, where its init container has it. */
export const PLUGINS_DIR = "/opt/plugins";

/**
 * Where the gateway has it. OpenClaw gives a plugin its own database only if it is in this folder, in the layout of
 * `openclaw plugins install`.
 */
export const INSTALLED_PLUGINS_DIR = `${STATE_DIR}/npm`;

/** The plugin's own folder. Its project is named as OpenClaw names it. */
export const DISCORD_PLUGIN_DIR =
  `${INSTALLED_PLUGINS_DIR}/projects/openclaw-discord-c0892df945/node_modules/@openclaw/discord`;

/** Where the volume of the archives is mounted, in the backup's pod only. */
export const BACKUP_DIR = "/backups";

/** Where older deployments kept the archives, on the state volume; the first backup moves them. */
export const OLD_BACKUP_DIR = `${HOME_DIR}/backups`;

/** What the containers of the backup's pod share: the workspace as a stream. */
export const EXCHANGE_DIR = "/exchange";

/** Where Codex CLI looks for its machine's configuration. */
export const CODEX_CONFIG_DIR = "/etc/codex";

/** The script that exchanges commits with GitHub, and its settings of git. */
export const GIT_DIR = "/etc/openclaw-git";

/** The key and the known hosts of the ssh sandbox. */
export const SSH_CLIENT_DIR = "/etc/openclaw-ssh";

/** The policy on commands outside the sandbox, and OpenClaw's approvals document. */
export const ELEVATION_DIR = "/etc/openclaw-elevation";
