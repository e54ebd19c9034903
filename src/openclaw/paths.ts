/**
 * Where things lie in the gateway's container.
 *
 * @module
 */

/** OpenClaw's state folder: the volume, at the same path for the gateway and for the docker daemon. */
export const STATE_DIR = "/home/node/.openclaw";

/** The key and the known hosts of the ssh sandbox. */
export const SSH_CLIENT_DIR = "/etc/openclaw-ssh";
