/**
 * Finds HCL next to the generated Terraform JSON that defines the same blocks. Terraform reads `*.tf` and `*.tf.json` of a
 * folder together and stops at the second definition, so the HCL that the JSON replaces must be removed first.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OutputFile } from "../../output/file.ts";
import { UserError } from "../../errors.ts";

/** A file with definitions that are also in the generated JSON. */
export interface LeftOver {
  /** Its path below the output folder. */
  readonly path: string;
  /** What both define, such as `variable.zone_id`. */
  readonly both: readonly string[];
  /** What only this file defines and would be lost with it. */
  readonly alone: readonly string[];
}

/** Thrown if generated files would be next to HCL that defines the same blocks. */
export class LeftOverHcl extends UserError {
  override readonly name = "LeftOverHcl";

  constructor(/** The files, in the order of their paths. */ readonly files: readonly LeftOver[]) {
    super(
      "the generated Terraform JSON replaces HCL that still exists, and Terraform stops at the second definition; " +
        `remove these files first:\n${files.map(describe).join("\n")}`,
    );
  }
}

function describe({ path, both, alone }: LeftOver): string {
  const [first = "", ...others] = both;
  const what = others.length === 0 ? first : `${first} and ${others.length} more`;
  const keep = alone.length === 0 ? "" : `; move ${alone.join(", ")} to another file, because it is not generated`;
  return `  git rm ${path}  # ${what}${keep}`;
}

/**
 * Returns the files next to the generated ones that define the same blocks.
 *
 * @param out the folder that contains `terraform/`
 */
export function leftOverHcl(out: string, files: readonly OutputFile[]): LeftOver[] {
  const generated = Map.groupBy(files.filter(({ path }) => path.endsWith(".tf.json")), ({ path }) => dirname(path));
  return [...generated].flatMap(([folder, own]) => {
    const names = hclFiles(join(out, folder));
    if (names.length === 0) return [];
    const defined = new Set(own.flatMap(({ text }) => inJson(JSON.parse(text))));
    return names.flatMap((name): LeftOver[] => {
      const found = inHcl(readFileSync(join(out, folder, name), "utf8"));
      const both = found.filter((address) => defined.has(address));
      if (both.length === 0) return [];
      return [{ path: `${folder}/${name}`, both, alone: found.filter((address) => !defined.has(address)) }];
    });
  });
}

function hclFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".tf")).toSorted();
  } catch {
    return []; // The folder does not exist yet.
  }
}

/** How many names follow the kind of a block in its address. */
const NAMES: Readonly<Record<string, number>> = {
  data: 2,
  locals: 1,
  module: 1,
  output: 1,
  provider: 1,
  resource: 2,
  terraform: 1,
  variable: 1,
};

function inJson(blocks: Record<string, unknown>): string[] {
  return Object.entries(blocks).flatMap(([kind, rows]) => namesIn(rows, NAMES[kind] ?? 0).map((name) => kind + name));
}

function namesIn(value: unknown, depth: number): string[] {
  if (depth === 0 || typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) =>
    depth === 1 ? [`.${name}`] : namesIn(child, depth - 1).map((rest) => `.${name}${rest}`)
  ).filter((name) => !REPEATABLE.has(name));
}

/** Settings of the terraform block that may appear in several files. */
const REPEATABLE = new Set([".required_version"]);

/**
 * Returns the addresses of a file's blocks. This is not a parser: it relies on the format of `terraform fmt`, in which a block
 * begins and ends at the start of a line and its arguments are indented by two spaces.
 */
function inHcl(text: string): string[] {
  const blocks = text.matchAll(/^(\w+)((?: +"[^"]*")*) *\{[ \t]*(?:\n([\s\S]*?)^)?\}/gm);
  return [...blocks].flatMap(([, kind = "", labels = "", body = ""]) => {
    const names = [...labels.matchAll(/"([^"]*)"/g)].map(([, name]) => `.${name}`).join("");
    if (kind === "terraform" || kind === "locals") {
      const inside = [...body.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => `.${name}`);
      return inside.filter((name) => !REPEATABLE.has(name)).map((name) => kind + name);
    }
    // A provider with an alias is another configuration.
    return kind === "provider" && /^ {2}alias\b/m.test(body) ? [] : [kind + names];
  });
}
