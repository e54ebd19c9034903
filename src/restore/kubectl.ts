/**
 * kubectl, as its user has it set up: the restore has no client of its own, so that whatever signs its user in signs it in.
 *
 * @module
 */

import { type Outcome, runProgram } from "../program.ts";

/** What went wrong with a restore, told to its user. */
export class RestoreFailed extends Error {
  override readonly name = "RestoreFailed";
}

/** Which cluster and namespace. */
export interface Target {
  /** A context of the kubeconfig; kubectl's current one when undefined. */
  readonly context?: string;
  readonly namespace: string;
}

/** Runs kubectl and gives what it printed. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** kubectl for one target. @throws {RestoreFailed} with kubectl's own words when it fails */
export function kubectl(target: Target): Kubectl {
  return async (args, input) => {
    const { code, stdout, stderr } = await runKubectl([...flags(target), ...args], input);
    if (code === 0) return stdout;
    throw new RestoreFailed(`${commandLine(target, args)}: ${stderr.trim()}`);
  };
}

async function runKubectl(args: readonly string[], input = ""): Promise<Outcome> {
  try {
    return await runProgram("kubectl", args, input);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new RestoreFailed("kubectl is not on the PATH; install it first");
    throw error;
  }
}

function flags({ context, namespace }: Target): string[] {
  return [...(context === undefined ? [] : [`--context=${context}`]), `--namespace=${namespace}`];
}

/** A command for a person to read. */
export function commandLine(target: Target, args: readonly string[]): string {
  return ["kubectl", ...flags(target), ...args].join(" ");
}
