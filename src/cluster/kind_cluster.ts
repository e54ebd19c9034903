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

/** Creates the cluster and calls `print` for each line of progress. @throws {ProgramFailed} if kind cannot */
export async function createKindCluster(machine: Machine, print: (line: string) => void): Promise<void> {
  const version = (await runOrThrow(machine, "kind", ["version"])).trim();
  const [, major, minor] = version.match(/v(\d+)\.(\d+)/)?.map(Number) ?? [];
  if (major === POLICIES_SINCE.major && minor !== undefined && minor < POLICIES_SINCE.minor) {
    print(`warning: ${version} does not enforce NetworkPolicies; 0.${POLICIES_SINCE.minor} and later do`);
  }
  const output: string[] = [];
  const status = await machine.follow("kind", ["create", "cluster", "--name", KIND_CLUSTER], (line) => {
    output.push(line);
    print(line);
  });
  if (status !== 0) {
    throw new ProgramFailed(`kind could not create the cluster ${KIND_CLUSTER}: ${output.at(-1) ?? status}`);
  }
}

/** Deletes the cluster and everything in it. @throws {ProgramFailed} if kind cannot */
export async function deleteKindCluster(machine: Machine): Promise<void> {
  await runOrThrow(machine, "kind", ["delete", "cluster", "--name", KIND_CLUSTER]);
}
