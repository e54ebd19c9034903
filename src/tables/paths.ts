/**
 * Paths in the gateway's container.
 *
 * @module
 */

/** Where the state volume is mounted, at the same path for the gateway and for the docker daemon: the user's home. */
export const HOME_DIR = "/home/node";

/**
 * OpenClaw's state folder, inside the volume and not its root: the root is writable by its group, which OpenClaw's audit calls a
 * fault, and its owner is not ours to change.
 */
export const STATE_DIR = `${HOME_DIR}/.openclaw`;

/** What the pods can make again, outside the state, so that no backup carries it. */
export const CACHE_DIR = `${HOME_DIR}/.openclaw-pack`;

/** Codex CLI and gh. The agent's sandbox does not see them: it gets the workspace alone. */
export const TOOLS_DIR = `${CACHE_DIR}/tools`;

/** Where archives of the state lie: on its volume, but outside it, since OpenClaw archives no folder into itself. */
export const BACKUP_DIR = `${HOME_DIR}/backups`;

/** Where Codex CLI looks for its machine's configuration. */
export const CODEX_CONFIG_DIR = "/etc/codex";

/** The key and the known hosts of the ssh sandbox. */
export const SSH_CLIENT_DIR = "/etc/openclaw-ssh";

/** The policy on commands outside the sandbox, and OpenClaw's approvals document. */
export const ELEVATION_DIR = "/etc/openclaw-elevation";
