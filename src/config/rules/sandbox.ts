/**
 * Rules on the sandbox.
 *
 * @module
 */

import { imageVersion } from "../../values/image_reference.ts";
import { toBytes } from "../../values/quantity.ts";
import type { ConfigFinding } from "../finding.ts";
import type { PackConfig } from "../schema.ts";

/**
 * From 2026.9.5 OpenClaw's docker backend looks for its own container, and every turn fails where CRI-O creates
 * /run/.containerenv (simulated with the real program).
 */
export function dockerSandboxNeedsOlderOpenClaw({ cluster, images, sandbox }: PackConfig): ConfigFinding[] {
  if (sandbox.backend !== "docker" || cluster.runtime !== "cri-o") return [];
  const version = imageVersion(images.openclaw);
  if (compareVersions(version, "2026.9.5") < 0) return [];
  return [{
    path: ["images", "openclaw"],
    message: `OpenClaw ${version} cannot use the docker sandbox on CRI-O (from 2026.9.5 every turn fails); ` +
      `stay with 2026.9.4, or set sandbox.backend to ssh`,
  }];
}

/** Returns a negative number if `left` is the earlier version. Compares three numbers and ignores a suffix. */
function compareVersions(left: string, right: string): number {
  const parts = (version: string) => (version.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [a, b] = [parts(left), parts(right)];
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function sshSandboxNeedsImage({ sandbox }: PackConfig): ConfigFinding[] {
  if ((sandbox.backend === "ssh") === (sandbox.image !== undefined)) return [];
  return [{
    path: ["sandbox", "image"],
    message: sandbox.backend === "ssh"
      ? "is missing: with backend ssh the sandbox pod needs an image; build and push src/generate/sandbox/ssh.Dockerfile and name it here"
      : "has no effect: with backend docker the sandbox image is built in the pod, from images.sandboxBase",
  }];
}

export function sandboxFitsDaemon({ resources, sandbox }: PackConfig): ConfigFinding[] {
  if (sandbox.backend !== "docker") return [];
  if (toBytes(sandbox.memory) < toBytes(resources.docker.memoryLimit)) return [];
  return [{
    path: ["sandbox", "memory"],
    message: `one sandbox could use all of the docker daemon's ${resources.docker.memoryLimit}; ` +
      `lower it, or raise resources.docker.memoryLimit`,
  }];
}
