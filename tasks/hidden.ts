/**
 * Reads a line that must not be seen.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks on the terminal; what is typed or pasted is not shown. Undefined when it was broken off (Ctrl-C, Ctrl-D). */
export async function readHidden(question: string): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const end = new AbortController();
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  terminal.on("SIGINT", () => end.abort());
  terminal.on("close", () => end.abort());
  process.stderr.write(question);
  try {
    return await terminal.question("", { signal: end.signal });
  } catch (error) {
    if (end.signal.aborted) return undefined;
    throw error;
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
