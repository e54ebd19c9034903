/**
 * Runs linters on every file of their language: generated files and their sources.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { actionlint, exec, linters, runOrThrow, tool } from "../support/tools.ts";

const bin = await tool("the linters of PyPI", linters);
const workflow = await tool("actionlint", actionlint);

/** Returns the files that git tracks or would add, by pattern. */
async function files(...patterns: string[]): Promise<string[]> {
  const { stdout } = await runOrThrow("git", [
    "ls-files",
    "--cached",
    "--others",
    "--exclude-standard",
    "--",
    ...patterns,
  ]);
  const paths = stdout.split("\n").filter((path) => path !== "");
  assert.notEqual(paths.length, 0, `no file matches ${patterns.join(" ")}`);
  return paths;
}

interface Linter {
  readonly program: string;
  readonly args: readonly string[];
  readonly patterns: readonly string[];
  /** A text that the linter must refuse, with its file name. */
  readonly wrong: { readonly name: string; readonly text: string };
}

// deno fmt leaves one space before a comment.
const YAMLLINT = "{extends: default, rules: {line-length: disable, comments: {min-spaces-from-content: 1}}}";

const LINTERS: readonly Linter[] = [
  {
    program: "yamllint",
    args: ["--strict", "--config-data", YAMLLINT],
    patterns: ["*.yaml", "*.yml"],
    wrong: { name: "wrong.yaml", text: "---\na: 1\na: 2\n" },
  },
  {
    program: "shellcheck",
    args: ["--severity=style"],
    patterns: ["*.sh", ".ci/run"],
    wrong: { name: "wrong.sh", text: "#!/bin/sh\nrm -rf $1/*\n" },
  },
  {
    program: "hadolint",
    args: [],
    patterns: ["*Dockerfile"],
    wrong: { name: "Dockerfile", text: "FROM debian\nRUN cd /tmp\n" },
  },
  {
    program: "ruff",
    args: ["check", "--no-cache", "--select=E,F,W,I,UP,B,S,ANN"],
    patterns: ["*.py"],
    wrong: { name: "wrong.py", text: "import os\n" },
  },
  {
    program: "ruff",
    args: ["format", "--no-cache", "--check"],
    patterns: ["*.py"],
    wrong: { name: "wrong.py", text: "x=1\n" },
  },
  {
    program: "python",
    args: ["-I", "-c", "import ast, sys\nfor f in sys.argv[1:]: compile(open(f).read(), f, 'exec')"],
    patterns: ["*.py"],
    wrong: { name: "wrong.py", text: "def x(:\n" },
  },
];

for (const { program, args, patterns, wrong } of LINTERS) {
  Deno.test({
    name: `${
      [program, args[0]].filter((word) => word?.startsWith("-") === false).join(" ")
    } passes, and fails on a known mistake`,
    ignore: bin.ignore,
    fn: () => check({ program: join(bin.value, program), args, patterns, wrong }),
  });
}

Deno.test({
  name: "actionlint passes, and fails on a known mistake",
  ignore: bin.ignore || workflow.ignore,
  fn: () =>
    check({
      program: workflow.value,
      args: ["-no-color", "-shellcheck", join(bin.value, "shellcheck")],
      patterns: [".github/workflows/*.yml"],
      wrong: { name: "wrong.yml", text: "on: push\njobs: {x: {runs-on: ubuntu-latest, step: []}}\n" },
    }),
});

async function check({ program, args, patterns, wrong }: Linter): Promise<void> {
  const { code, stdout, stderr } = await exec(program, [...args, ...await files(...patterns)]);
  assert.equal(code, 0, stdout + stderr);

  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, wrong.name), wrong.text);
  assert.notEqual((await exec(program, [...args, join(folder, wrong.name)])).code, 0);
  await Deno.remove(folder, { recursive: true });
}
