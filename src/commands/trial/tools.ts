/**
 * The programs that a trial needs, and how to install them.
 *
 * @module
 */

import type { Machine, Program } from "../../cluster/machine.ts";
import { ProgramFailed } from "../../cluster/program.ts";
import { TrialFailed } from "./failed.ts";

interface Tool {
  readonly program: Program;
  /** The arguments with which it is run to check whether it works. */
  readonly probe: readonly string[];
  readonly linux: string;
  readonly macos: string;
}

/** The tools, with each project's installation instructions. */
const TOOLS: readonly Tool[] = [
  {
    program: "docker",
    probe: ["version", "--format", "{{.Server.Version}}"],
    linux: "https://docs.docker.com/engine/install/",
    macos: "brew install --cask docker-desktop, and start it",
  },
  {
    program: "kind",
    probe: ["version"],
    linux: "https://kind.sigs.k8s.io/docs/user/quick-start/#installing-from-release-binaries",
    macos: "brew install kind",
  },
  {
    program: "kubectl",
    probe: ["version", "--client"],
    linux: "https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/",
    macos: "brew install kubectl",
  },
];

/**
 * Checks that the programs are installed and work.
 *
 * @throws {TrialFailed} if a program is missing or fails; the message says how to install it
 */
export async function checkTools(machine: Machine, programs: readonly Program[]): Promise<void> {
  const errors: string[] = [];
  for (const { program, probe, linux, macos } of TOOLS) {
    if (!programs.includes(program)) continue;
    try {
      const { code, stderr } = await machine.run(program, probe);
      if (code === 0) continue;
      // The first line of docker's message names the daemon that it cannot reach.
      errors.push(`${program} does not work: ${stderr.trim().split("\n")[0]}`);
    } catch (error) {
      if (!(error instanceof ProgramFailed)) throw error;
      errors.push(`${program} is not on the PATH\n  Linux: ${linux}\n  macOS: ${macos}`);
    }
  }
  if (errors.length > 0) throw new TrialFailed(errors.join("\n"));
}
