/**
 * The one writer. It writes what changed, each file atomically, removes what it wrote once and no longer does, and touches
 * nothing else. A record beside the files lists what it wrote. It reads and writes synchronously: for some eighty small files
 * of a local disk that is several times as fast.
 *
 * @module
 */

import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HEADER, type OutputFile } from "./file.ts";
import { sha256 } from "../values/hash.ts";
import { UserError } from "../errors.ts";

/** The record of what was written: each path with the hash of its text. */
export const RECORD = ".openclaw-pack.json";

/** The folders of generated files; the record can name nothing outside them. */
const FOLDERS = ["kustomize/", "terraform/"];

/** A file whose text on the disk is not what the generators give. */
export interface Drift {
  /** Path below the output folder. */
  readonly path: string;
  /** What is on the disk; undefined when there is no such file. */
  readonly before: string | undefined;
  /** What the generators return; undefined if they no longer generate the file. */
  readonly after: string | undefined;
}

/** What writing would do. */
export interface WritePlan {
  /** Files to write or to remove, in the order of their paths. */
  readonly drifts: readonly Drift[];
  /** Left over from an earlier run but edited since: they stay. */
  readonly edited: readonly string[];
  /** How many files are as generated. */
  readonly unchanged: number;
  /** The record's text after writing, and whether the one on the disk differs. */
  readonly record: { readonly text: string; readonly drifted: boolean };
}

/** Thrown by {@linkcode planWrite} when a file that this pack did not write stands where one should go. */
export class ForeignFiles extends UserError {
  /** `ForeignFiles`. */
  override readonly name = "ForeignFiles";

  /** Takes the paths of the files. */
  constructor(/** Their paths. */ readonly paths: readonly string[]) {
    super(
      `not written by openclaw-pack, but in a generated file's place; move or delete each:\n${
        paths.map((path) => `  ${path}`).join("\n")
      }`,
    );
  }
}

/**
 * Compares generated files with a folder. Reads only.
 *
 * @param out the folder that contains `terraform/` and `kustomize/`
 * @throws {ForeignFiles} if writing would overwrite somebody else's file
 *
 * @example Nothing to do the second time
 * ```ts
 * import { applyWrite, planWrite } from "openclaw-pack";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const files = [{ path: "terraform/example.txt", text: "hello\n" }];
 * const first = await planWrite(out, files);
 * assert.deepEqual(first.drifts.map(({ path }) => path), ["terraform/example.txt"]);
 * applyWrite(out, first);
 * assert.deepEqual((await planWrite(out, files)).drifts, []);
 * await Deno.remove(out, { recursive: true });
 * ```
 */
export async function planWrite(out: string, files: readonly OutputFile[]): Promise<WritePlan> {
  const recordText = read(join(out, RECORD));
  const recorded = parseRecord(recordText);
  const wanted = new Set(files.map(({ path }) => path));
  const found = files.map(({ path, text }): Drift => ({ path, before: read(join(out, path)), after: text }));
  const changed = found.filter(({ before, after }) => before !== after);
  const foreign = changed.filter(({ path, before }) =>
    before !== undefined && !recorded.has(path) && !before.includes(HEADER)
  );
  if (foreign.length > 0) throw new ForeignFiles(foreign.map(({ path }) => path));

  const leftOver: Drift[] = [];
  const edited: string[] = [];
  for (const [path, hash] of recorded) {
    if (wanted.has(path)) continue;
    const before = read(join(out, path));
    if (before === undefined) continue;
    if (await sha256(before) === hash) leftOver.push({ path, before, after: undefined });
    else edited.push(path);
  }
  const text = await formatRecord(files);
  return {
    drifts: [...changed, ...leftOver].toSorted((a, b) => a.path < b.path ? -1 : 1),
    edited,
    unchanged: found.length - changed.length,
    record: { text, drifted: text !== recordText },
  };
}

/** Carries out a plan. */
export function applyWrite(out: string, { drifts, record }: WritePlan): void {
  writeAll([
    ...drifts.flatMap(({ path, after }) => after === undefined ? [] : [{ path: join(out, path), text: after }]),
    ...(record.drifted ? [{ path: join(out, RECORD), text: record.text }] : []),
  ]);
  for (const { path, after } of drifts) if (after === undefined) remove(out, path);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * All or nothing, as far as a file system can: every text is written beside its place first (no space left, no permission:
 * nothing has changed yet), then each is renamed, so that a reader sees the old file or the new one and never half of one.
 */
function writeAll(files: readonly OutputFile[]): void {
  const part = (path: string) => `${path}.part`;
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(part(path), text);
    }
    for (const { path } of files) renameSync(part(path), path);
  } catch (error) {
    for (const { path } of files) rmSync(part(path), { force: true });
    throw error;
  }
}

function remove(out: string, path: string): void {
  rmSync(join(out, path));
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    try {
      rmdirSync(join(out, folder));
    } catch {
      return; // Something else still lies there.
    }
  }
}

async function formatRecord(files: readonly OutputFile[]): Promise<string> {
  const hashes = Object.fromEntries(await Promise.all(files.map(async ({ path, text }) => [path, await sha256(text)])));
  return `${JSON.stringify({ "//": HEADER, files: hashes }, null, 2)}\n`;
}

/** A record that cannot be read counts as none: then nothing is removed. */
function parseRecord(text: string | undefined): Map<string, string> {
  try {
    const { files } = JSON.parse(text ?? "{}") as { files?: unknown };
    if (typeof files !== "object" || files === null) return new Map();
    return new Map(
      Object.entries(files).filter((entry): entry is [string, string] =>
        typeof entry[1] === "string" && FOLDERS.some((folder) => entry[0].startsWith(folder)) &&
        !entry[0].split("/").includes("..")
      ),
    );
  } catch {
    return new Map();
  }
}
