/**
 * The generated gateway's pod without its docker daemon. It starts in half the time, and is enough for everything except turns.
 *
 * @module
 */

import { type Pod, type PodOptions, startPod } from "./pod.ts";

/** The containers that only the sandbox needs. */
export const DOCKER_CONTAINERS = ["docker", "sandbox-image"] as const;

/** Starts a gateway. */
export async function startWithoutDocker(options: Omit<PodOptions, "deployment">): Promise<Pod> {
  const without = [...DOCKER_CONTAINERS, ...options.without ?? []];
  return await startPod({ ...options, deployment: "openclaw", without });
}
