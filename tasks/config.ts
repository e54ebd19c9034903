/**
 * Reads the configuration of a task.
 *
 * @module
 */

import { resolve } from "node:path";
import { type Pack, readPack } from "../src/config/read.ts";

/**
 * Resolves a path from the user's working directory. `deno task` changes to the project's folder and keeps the user's in
 * INIT_CWD.
 */
export function fromHere(path: string): string {
  return resolve(Deno.env.get("INIT_CWD") ?? ".", path);
}

/**
 * Reads a configuration; without a name, the project's own.
 *
 * @throws {Deno.errors.NotFound} if the file does not exist
 * @throws {PackErrors} if the file is not a valid pack.yaml
 */
export async function readConfig(name?: string): Promise<Pack> {
  const shown = name ?? "pack.yaml";
  let text: string;
  try {
    text = await Deno.readTextFile(name === undefined ? shown : fromHere(name));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `${shown}: no such file; create it (it may be empty), or name another with --config`,
    );
  }
  return readPack(text, shown);
}
