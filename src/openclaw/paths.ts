/**
 * Where things lie in the gateway's container.
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

/**
 * Codex CLI and gh, on the volume but not in OpenClaw's state, whose backups they would only make larger. The agent's sandbox
 * sees neither: it gets the workspace alone.
 */
export const TOOLS_DIR = `${HOME_DIR}/.tools`;

/** Where Codex CLI looks for its machine's configuration. */
export const CODEX_CONFIG_DIR = "/etc/codex";

/** The key and the known hosts of the ssh sandbox. */
export const SSH_CLIENT_DIR = "/etc/openclaw-ssh";
