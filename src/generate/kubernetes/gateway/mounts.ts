/**
 * Mounts and environment that containers of the gateway's pod share.
 *
 * @module
 */

import { HOME_DIR, STATE_DIR, WORKSPACES_DIR } from "../../../tables/paths.ts";

/** Returns a mount of a volume. */
export const mount = (name: string, mountPath: string, readOnly = false) => ({
  name,
  mountPath,
  ...(readOnly ? { readOnly } : {}),
});
/** The state volume. */
export const home = mount("state", HOME_DIR);
/** The workspace volume. */
export const workspaces = mount("workspace", WORKSPACES_DIR);
/** The gateway's /tmp, in memory. */
export const tmp = mount("tmp", "/tmp");
/** Where a docker client finds the daemon. */
export const dockerClientEnv = {
  DOCKER_HOST: "tcp://localhost:2376",
  DOCKER_TLS_VERIFY: "1",
  DOCKER_CERT_PATH: "/certs/client",
  // buildx writes there; its default folder is on the read-only root.
  DOCKER_CONFIG: "/tmp/.docker",
};
/** The client's certificates. */
export const dockerClientMounts = [mount("docker-certs", "/certs/client", true)];
/** Where OpenClaw finds its state and its configuration. */
export const STATE_ENV = {
  HOME: HOME_DIR,
  OPENCLAW_STATE_DIR: STATE_DIR,
  OPENCLAW_CONFIG_PATH: `${STATE_DIR}/openclaw.json`,
  // With a read-only root, the gateway has no other folder for temporary files.
  XDG_CACHE_HOME: "/tmp/cache",
};
