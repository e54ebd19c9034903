/**
 * What is installed for the gateway's container: the command line tools (requirement B14) and the Discord plugin, as the tables
 * that `init/install-archives.sh` reads.
 *
 * @module
 */

import type { PackConfig } from "../../config/schema.ts";
import { HEADER } from "../../output/file.ts";
import { imageVersion } from "../../values/image_reference.ts";

/** The architectures that a gateway may run on, with their names at each source. */
const MACHINES = [
  { architecture: "amd64", npm: "x64", rust: "x86_64" },
  { architecture: "arm64", npm: "arm64", rust: "aarch64" },
] as const;

/**
 * Returns the table's text: one line for each tool and architecture, with fields separated by spaces. The script ignores other
 * lines.
 */
export function toolsTable({ tools: { codex, gh } }: PackConfig): string {
  const ghVersion = gh.version.replace(/^v/, "");
  const rows = MACHINES.flatMap(({ architecture, npm, rust }) => [
    [
      "codex",
      codex.version,
      architecture,
      codex[architecture],
      // The platform's package alone is enough: its program is static, and needs neither node nor npm.
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
  return table(rows);
}

/** Returns the table of OpenClaw's plugins, at the version of its image. */
export function pluginsTable({ discord, images }: PackConfig): string {
  const version = imageVersion(images.openclaw);
  const source = `npm:@openclaw/discord/-/discord-${version}.tgz`;
  return table([["discord", version, "any", discord.pluginIntegrity, source, "-"]]);
}

const table = (rows: readonly (readonly string[])[]) =>
  [`# ${HEADER}`, ...rows.map((row) => row.join(" ")), ""].join("\n");
