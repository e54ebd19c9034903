/**
 * The generated gateway's pod without its docker daemon: up in half the time, and enough for all but turns.
 *
 * @module
 */

import { type Pod, type PodOptions, startPod } from "./pod.ts";

/** The containers that only the sandbox needs. */
export const DOCKER_CONTAINERS = ["docker", "sandbox-image"] as const;

/** Starts one. */
export async function startWithoutDocker(options: Omit<PodOptions, "deployment">): Promise<Pod> {
  const without = [...DOCKER_CONTAINERS, ...options.without ?? []];
  return await startPod({ ...options, deployment: "openclaw", without });
}
