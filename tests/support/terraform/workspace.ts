/**
 * Working directories of Terraform on disk, and their plans.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Outcome } from "../tools.ts";
import type { Json } from "../support.ts";
import { tempDir } from "../temp_dir.ts";
import type { Files } from "./directories.ts";
import type { Terraform, Workspace } from "./standin.ts";

/** Exit status of `plan -detailed-exitcode` if the plan has changes. */
export const CHANGES = 2;
/** Arguments of a plan. */
export const PLAN = ["-input=false", "-no-color", "-detailed-exitcode"];

/** The fake providers' answers to data sources: the generated expression looks up an identity provider by name. */
const ANSWERS = {
  cloudflare_zero_trust_access_identity_providers: {
    result: [{ id: "id-of-okta", name: "Okta", type: "okta" }, { id: "id-of-github", name: "GitHub", type: "github" }],
  },
};

/** A directory on disk, with the local backend instead of S3, and an empty store. It is deleted when the test ends. */
export interface TemporaryWorkspace extends Workspace, AsyncDisposable {}

/** Creates a workspace with the files of a generated directory. */
export async function newWorkspace(files: Files): Promise<TemporaryWorkspace> {
  const dir = await tempDir();
  const workspace: TemporaryWorkspace = {
    path: join(dir.path, "work"),
    store: join(dir.path, "store"),
    data: join(dir.path, "data"),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
  await replaceFiles(workspace, files);
  for (const [type, answer] of Object.entries(ANSWERS)) await dir.write(`store/${type}.json`, JSON.stringify(answer));
  return workspace;
}

/** Replaces a workspace's files; Terraform's own files stay. */
export async function replaceFiles({ path }: Workspace, files: Files): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  for await (const { name } of Deno.readDir(path)) {
    if (name.endsWith(".tf.json")) await Deno.remove(join(path, name));
  }
  const all = [...files, ["judge_override.tf.json", `{ "terraform": { "backend": { "local": {} } } }\n`] as const];
  for (const [name, text] of all) {
    await Deno.mkdir(join(path, name, ".."), { recursive: true });
    await Deno.writeTextFile(join(path, name), text);
  }
}

/** Returns the JSON of the plan for an initialized workspace. The plan must have changes. */
export async function planOf(terraform: Terraform, workspace: Workspace): Promise<Json> {
  const plan = await terraform.run(workspace, "plan", ...PLAN, "-out=plan");
  assert.equal(plan.code, CHANGES, text(plan));
  return JSON.parse((await succeedWith(terraform, workspace, "show", "-json", "plan")).stdout);
}

/** Runs a command that must succeed. */
export async function succeedWith(terraform: Terraform, ...call: Parameters<Terraform["run"]>): Promise<Outcome> {
  const outcome = await terraform.run(...call);
  assert.equal(outcome.code, 0, text(outcome));
  return outcome;
}

/** Returns both outputs of a command. */
export function text({ stdout, stderr }: Outcome): string {
  return `${stderr}${stdout}`;
}
