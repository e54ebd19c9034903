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
  /** What it is asked, to see whether it works. */
  readonly question: readonly string[];
  readonly linux: string;
  readonly macos: string;
}

/** Where each project says how it is installed. */
const TOOLS: readonly Tool[] = [
  {
    program: "docker",
    question: ["version", "--format", "{{.Server.Version}}"],
    linux: "https://docs.docker.com/engine/install/",
    macos: "brew install --cask docker-desktop, and start it",
  },
  {
    program: "kind",
    question: ["version"],
    linux: "https://kind.sigs.k8s.io/docs/user/quick-start/#installing-from-release-binaries",
    macos: "brew install kind",
  },
  {
    program: "kubectl",
    question: ["version", "--client"],
    linux: "https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/",
    macos: "brew install kubectl",
  },
];

/** Checks that the programs are installed and work. @throws {TrialFailed} if one is not, with how to install each */
export async function checkTools(machine: Machine, programs: readonly Program[]): Promise<void> {
  const faults: string[] = [];
  for (const { program, question, linux, macos } of TOOLS) {
    if (!programs.includes(program)) continue;
    try {
      const { code, stderr } = await machine.run(program, question);
      if (code === 0) continue;
      // Of docker's own advice the first line: the daemon that it cannot reach.
      faults.push(`${program} does not work: ${stderr.trim().split("\n")[0]}`);
    } catch (error) {
      if (!(error instanceof ProgramFailed)) throw error;
      faults.push(`${program} is not on the PATH\n  Linux: ${linux}\n  macOS: ${macos}`);
    }
  }
  if (faults.length > 0) throw new TrialFailed(faults.join("\n"));
}
