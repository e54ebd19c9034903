/**
 * Runs the scripts that prepare the volumes, on folders in place of the volumes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";

const INIT = join(Deno.cwd(), "src/generate/openclaw/init");

/** Names that nothing in the workspace may have. */
export const BLOCKED = ["AGENTS.md", ".agents"];

/** The folders of a test, and a start. */
export interface Volumes {
  /** The state volume. */
  readonly home: string;
  /** The workspace volume. */
  readonly workspaces: string;
  /** The folder of a ConfigMap, as the kubelet mounts it. */
  readonly source: (name: "config" | "files", path: string) => string;
  /** Runs both scripts, with these variables besides their own, and returns what they report. */
  start(env?: Readonly<Record<string, string>>): Promise<string>;
}

/** Creates both volumes and both ConfigMaps. */
export async function withVolumes(use: (volumes: Volumes) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const [home, workspaces] = [join(folder, "home"), join(folder, "workspaces")];
  await Deno.mkdir(home);
  await Deno.mkdir(workspaces);
  await mounted(join(folder, "config"), { "openclaw.json": "{}\n" });
  await mounted(join(folder, "files"), { "SOUL.md": "rules\n", "skills/codex-review/SKILL.md": "skill\n" });
  const env = { HOME: home, OPENCLAW_STATE_DIR: join(home, ".openclaw"), WORKSPACES_DIR: workspaces };
  const run = async (more: Readonly<Record<string, string>>, script: string, ...args: string[]) => {
    const options = { args: [join(INIT, script), ...args], env: { ...env, ...more } };
    const { success, stderr } = await new Deno.Command("sh", options).output();
    const text = new TextDecoder().decode(stderr);
    assert.ok(success, text);
    return text;
  };
  try {
    await use({
      home,
      workspaces,
      source: (name, path) => join(folder, name, VERSION, path),
      start: async (more = {}) =>
        await run(more, "prepare-state.sh", join(folder, "config"), join(folder, "instead")) +
        await run(more, "prepare-workspace.sh", join(folder, "files"), ...BLOCKED),
    });
  } finally {
    // Deno.remove cannot delete a path of any length.
    await new Deno.Command("sh", { args: ["-c", 'chmod -R u+rwX "$1"; rm -rf "$1"', "sh", folder] }).output();
  }
}

const VERSION = "..2026_11_22";

/** Files behind links, as in a ConfigMap volume. */
async function mounted(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const real = join(folder, VERSION, path);
    await Deno.mkdir(join(real, ".."), { recursive: true });
    await Deno.writeTextFile(real, text);
    const first = path.split("/")[0] ?? "";
    await Deno.symlink(`${VERSION}/${first}`, join(folder, first)).catch(() => undefined);
  }
}

/** Reads a file. */
export const read = (...path: string[]): Promise<string> => Deno.readTextFile(join(...path));

/** Returns the names in a folder. */
export const namesIn = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();

/** Returns the contents of what was renamed out of the way in a folder. */
export async function setAside(folder: string): Promise<string[]> {
  const names = namesIn(folder).filter((name) => /\.set-aside-\d{8}T\d{6}Z-\w{6}$/.test(name));
  return await Promise.all(names.map((name) => read(folder, name).catch(() => name.replace(/\.set-aside-.*/, ""))));
}
