/**
 * The kind cluster that a trial creates if no context is given.
 *
 * @module
 */

import { type Machine, runOrThrow } from "./machine.ts";
import { ProgramFailed } from "./program.ts";

/** Name of the cluster; no user would choose it by accident. */
export const KIND_CLUSTER = "openclaw-trial";
/** Name of its context, which kind derives. */
export const KIND_CONTEXT = `kind-${KIND_CLUSTER}`;
/** The first version of kind whose network enforces NetworkPolicies. */
const POLICIES_SINCE = { major: 0, minor: 24 };

/** Returns whether the cluster exists. */
export async function hasKindCluster(machine: Machine): Promise<boolean> {
  return (await runOrThrow(machine, "kind", ["get", "clusters"])).split("\n").includes(KIND_CLUSTER);
}

/** Creates the cluster. @throws {ProgramFailed} if kind cannot */
export async function createKindCluster(machine: Machine, tell: (line: string) => void): Promise<void> {
  const version = (await runOrThrow(machine, "kind", ["version"])).trim();
  const [, major, minor] = version.match(/v(\d+)\.(\d+)/)?.map(Number) ?? [];
  if (major === POLICIES_SINCE.major && minor !== undefined && minor < POLICIES_SINCE.minor) {
    tell(`warning: ${version} does not enforce NetworkPolicies; 0.${POLICIES_SINCE.minor} and later do`);
  }
  const said: string[] = [];
  const status = await machine.follow("kind", ["create", "cluster", "--name", KIND_CLUSTER], (line) => {
    said.push(line);
    tell(line);
  });
  if (status !== 0) {
    throw new ProgramFailed(`kind could not create the cluster ${KIND_CLUSTER}: ${said.at(-1) ?? status}`);
  }
}

/** Deletes the cluster with everything in it. @throws {ProgramFailed} if kind cannot */
export async function deleteKindCluster(machine: Machine): Promise<void> {
  await runOrThrow(machine, "kind", ["delete", "cluster", "--name", KIND_CLUSTER]);
}
