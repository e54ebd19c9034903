/**
 * The configuration that a task was asked for.
 *
 * @module
 */

import { resolve } from "node:path";
import { type Pack, readPack } from "../src/config/read.ts";

/** `deno task` goes to the project's folder and leaves in INIT_CWD where its user stands, whom a relative path means. */
export function fromHere(path: string): string {
  return resolve(Deno.env.get("INIT_CWD") ?? ".", path);
}

/** Reads a configuration; without a name, the project's own. @throws {Deno.errors.NotFound} @throws {PackErrors} */
export async function readConfig(name?: string): Promise<Pack> {
  const shown = name ?? "pack.yaml";
  let text: string;
  try {
    text = await Deno.readTextFile(name === undefined ? shown : fromHere(name));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `${shown}: no such file; make one (an empty one will do), or name another with --config`,
    );
  }
  return readPack(text, shown);
}
