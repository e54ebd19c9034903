/**
 * The gateway's volumes: changes that a command in its container can make, and which of them the next start reverts
 * (requirement B13).
 *
 * @module
 */

import { join } from "node:path";
import type { Json } from "../support.ts";
import { configFile } from "./objects.ts";
import type { Pod } from "./pod.ts";

/** A line that is written into SOUL.md. */
export const EDIT = "Rule 9: rules are for others.";
/** A line of the agent's memory. */
export const MEMORY = "The owner likes tea.";

const SKILL = "skills/codex-review";

const EDITS = `set -eu
cd /home/node/.openclaw
node -e 'const fs = require("node:fs"), file = "openclaw.json", config = JSON.parse(fs.readFileSync(file));
  const { model } = config.agents.defaults;
  [model.primary, model.fallbacks] = [model.fallbacks[0], [model.primary]];
  config.gateway.controlUi.allowedOrigins = ["*"];
  fs.writeFileSync(file, JSON.stringify(config));'
cd /workspaces/main
echo '${EDIT}' >>SOUL.md
mv ${SKILL} elsewhere
echo '${EDIT}' >>elsewhere/SKILL.md
ln -s ../elsewhere ${SKILL}
mkdir -p skills/own notes
printf -- '---\\nname: own-skill\\ndescription: made by the agent\\n---\\nDo it.\\n' >skills/own/SKILL.md
echo '${MEMORY}' >MEMORY.md
echo '${MEMORY}' >notes/today.md
`;

/** Makes all changes as the gateway's user: changes openclaw.json, SOUL.md and a skill, adds a skill and notes. */
export async function editAsGateway(pod: Pod): Promise<void> {
  const { code, stderr } = await pod.exec("openclaw", ["sh", "-c", EDITS]);
  if (code !== 0) throw new Error(stderr);
}

/**
 * Returns the failed checks of both volumes after a start that followed the edits: files from Git are restored, the edits and the
 * agent's files are kept.
 *
 * @param folder contains the state volume as `volume` and the workspace volume as `workspaces`
 */
export async function volumeFaults(folder: string, objects: readonly Json[]): Promise<string[]> {
  const [state, workspace] = ["volume/.openclaw", "workspaces/main"];
  const read = (path: string) => Deno.readTextFile(join(folder, path)).catch(() => "");
  const git = {
    [`${state}/openclaw.json`]: "openclaw.json",
    [`${workspace}/SOUL.md`]: "SOUL.md",
    [`${workspace}/${SKILL}/SKILL.md`]: "codex-review.md",
  };
  const kept = [state, workspace].flatMap((place) =>
    [...Deno.readDirSync(join(folder, place))].flatMap(({ name }) => /^(.+)\.set-aside-/.exec(name)?.[1] ?? [])
  );
  const checks: Record<string, boolean> = {
    "edits are kept": kept.toSorted().join() === "SOUL.md,openclaw.json,skills",
    "notes stay": [await read(`${workspace}/MEMORY.md`), await read(`${workspace}/notes/today.md`)].every((text) =>
      text === `${MEMORY}\n`
    ),
  };
  for (const [path, file] of Object.entries(git)) {
    checks[`${path} is from Git`] = await read(path) === configFile(objects, file);
  }
  return Object.entries(checks).filter(([, holds]) => !holds).map(([name]) => name);
}
