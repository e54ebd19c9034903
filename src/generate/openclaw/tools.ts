/**
 * The command line tools that the gateway's container gets beside its image (requirement B14), as the table that
 * `init/install-tools.sh` reads.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import { HEADER } from "../../output/file.ts";

/** Machines that a gateway may run on, and what the sources call them. */
const MACHINES = [
  { architecture: "amd64", npm: "x64", rust: "x86_64" },
  { architecture: "arm64", npm: "arm64", rust: "aarch64" },
] as const;

/** The table's text: one line a tool and machine, its fields parted by spaces; the script passes over any other line. */
export function toolsTable({ tools: { codex, gh } }: PackConfig): string {
  const ghVersion = gh.version.replace(/^v/, "");
  const rows = MACHINES.flatMap(({ architecture, npm, rust }) => [
    [
      "codex",
      codex.version,
      architecture,
      codex[architecture],
      // The platform's package by itself: its program is static, and needs neither node nor npm.
      `npm:@openai/codex/-/codex-${codex.version}-linux-${npm}.tgz`,
      `package/vendor/${rust}-unknown-linux-musl/bin/codex`,
    ],
    [
      "gh",
      ghVersion,
      architecture,
      gh[architecture],
      `https://github.com/cli/cli/releases/download/v${ghVersion}/gh_${ghVersion}_linux_${architecture}.tar.gz`,
      `gh_${ghVersion}_linux_${architecture}/bin/gh`,
    ],
  ]);
  return [`# ${HEADER}`, ...rows.map((row) => row.join(" ")), ""].join("\n");
}
