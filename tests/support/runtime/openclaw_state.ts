/**
 * The gateway's state volume: changes that an agent can make, and which of them the next start reverts (requirement B13).
 *
 * @module
 */

import { join } from "node:path";
import type { Json } from "../support.ts";
import { configFile } from "./objects.ts";
import type { Pod } from "./pod.ts";

/** A line that the agent writes into SOUL.md. */
export const EDIT = "Rule 9: rules are for others.";
/** A line of the agent's memory. */
export const MEMORY = "The owner likes tea.";

const STATE = "/home/node/.openclaw";
const SKILL = "workspace/skills/codex-review";

const EDITS = `set -eu
cd ${STATE}
node -e 'const fs = require("node:fs"), file = "openclaw.json", config = JSON.parse(fs.readFileSync(file));
  const { model } = config.agents.defaults;
  [model.primary, model.fallbacks] = [model.fallbacks[0], [model.primary]];
  config.gateway.controlUi.allowedOrigins = ["*"];
  fs.writeFileSync(file, JSON.stringify(config));'
echo '${EDIT}' >>workspace/SOUL.md
mv ${SKILL} workspace/elsewhere
echo '${EDIT}' >>workspace/elsewhere/SKILL.md
ln -s ../elsewhere ${SKILL}
mkdir -p workspace/skills/own workspace/notes
printf -- '---\\nname: own-skill\\ndescription: made by the agent\\n---\\nDo it.\\n' >workspace/skills/own/SKILL.md
echo '${MEMORY}' >workspace/MEMORY.md
echo '${MEMORY}' >workspace/notes/today.md
`;

/** Makes all changes as the gateway's user: changes openclaw.json, SOUL.md and a skill, adds a skill and notes. */
export async function editAsAgent(pod: Pod): Promise<void> {
  const { code, stderr } = await pod.exec("openclaw", ["sh", "-c", EDITS]);
  if (code !== 0) throw new Error(stderr);
}

/**
 * Returns the failed checks of a volume after a start that followed the edits: files from Git are restored, the agent's are
 * kept.
 */
export async function stateFaults(volume: string, objects: readonly Json[]): Promise<string[]> {
  const path = (name: string) => join(volume, ".openclaw", name);
  const read = (name: string) => Deno.readTextFile(path(name)).catch(() => "");
  const git = {
    "openclaw.json": "openclaw.json",
    "workspace/SOUL.md": "SOUL.md",
    [`${SKILL}/SKILL.md`]: "codex-review.md",
  };
  const kept = (await editsIn(path(".openclaw-pack/edits"))).toSorted();
  const checks: Record<string, boolean> = {
    "the skill is a folder": await Deno.lstat(path(SKILL)).then(({ isDirectory }) => isDirectory),
    "edits are kept": kept.join() === ["openclaw.json", "workspace/SOUL.md", SKILL].toSorted().join(),
    "notes stay": [await read("workspace/MEMORY.md"), await read("workspace/notes/today.md")].every((text) =>
      text === `${MEMORY}\n`
    ),
    "the agent's skill stays": (await read("workspace/skills/own/SKILL.md")).includes("own-skill"),
  };
  for (const [name, file] of Object.entries(git)) {
    checks[`${name} is from Git`] = await read(name) === configFile(objects, file);
  }
  return Object.entries(checks).filter(([, holds]) => !holds).map(([name]) => name);
}

/** Returns the files and links below `edits/<time>/`. */
async function editsIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (at: string) => {
    for await (const { name, isDirectory } of Deno.readDir(at)) {
      if (isDirectory) await walk(join(at, name));
      else found.push(join(at, name).slice(folder.length + 1).replace(/^[^/]*\//, ""));
    }
  };
  await walk(folder).catch(() => undefined);
  return found;
}
