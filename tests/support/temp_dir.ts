/**
 * A folder for one test, deleted when the test ends: `await using dir = await tempDir();`.
 *
 * @module
 */

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A temporary folder. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** Returns the sorted paths of all files and empty folders; folders end with a slash. */
  list(): Promise<string[]>;
  read(path: string): Promise<string>;
  /** Writes a file, and creates its parent folders. */
  write(path: string, text: string): Promise<void>;
}

/** Creates a temporary folder. */
export async function tempDir(): Promise<TempDir> {
  const path = await Deno.makeTempDir();
  return {
    path,
    list: async () => {
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      const paths = entries.map((entry) => {
        const name = join(entry.parentPath, entry.name).slice(path.length + 1);
        return entry.isDirectory() ? `${name}/` : name;
      });
      return paths.filter((name) =>
        !name.endsWith("/") || !paths.some((other) => other !== name && other.startsWith(name))
      )
        .toSorted();
    },
    read: (name) => Deno.readTextFile(join(path, name)),
    write: async (name, text) => {
      await Deno.mkdir(join(path, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(path, name), text);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
