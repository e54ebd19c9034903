import assert from "node:assert/strict";
import { join } from "node:path";
import { tempDir } from "../../support/temp_dir.ts";

/** A fake kubectl for an empty cluster with the context "here". */
const KUBECTL = `#!/bin/sh
case "$*" in
  "config get-contexts "*) echo here ;;
  *"get namespace none "*) echo 'Error from server (NotFound): namespaces "none" not found' >&2; exit 1 ;;
esac
`;

const HERE = ["--context", "here"];

async function restore(args: readonly string[], { kubectl = true } = {}) {
  await using dir = await tempDir();
  if (kubectl) await Deno.writeTextFile(join(dir.path, "kubectl"), KUBECTL, { mode: 0o755 });
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "--allow-run", "tasks/restore.ts", ...args],
    env: { PATH: kubectl ? `${dir.path}:/usr/bin:/bin` : dir.path },
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("every obstacle to a restore is reported in one line", async () => {
  const cases: [args: string[], options: { kubectl?: boolean }, message: RegExp][] = [
    [[...HERE, "--list"], { kubectl: false }, /^kubectl is not on the PATH; install it first\n$/],
    [["--list", "--context", "elsewhere"], {}, /^no context elsewhere in the kubeconfig; expected one of: here\n$/],
    [[...HERE, "--list", "--namespace", "none"], {}, /^no namespace none in here: is it deployed there/],
    [[...HERE, "--drill"], {}, /^namespace openclaw has no CronJob openclaw-backup: is it the right context/],
    [[...HERE, "--drill", "--namespace", "other"], {}, /^namespace other has no CronJob/],
  ];
  for (const [args, options, message] of cases) {
    const { code, stderr } = await restore(args, options);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
  }
});

Deno.test("a restore without complete arguments does nothing", async () => {
  const cases: [args: string[], message: RegExp][] = [
    [[], /^one of --list, --drill, --archive or --cancel is required\n/],
    [["--list", "--drill"], /^--list cannot be combined with another command\n/],
    [["--cancel", "--archive", "latest"], /^--cancel cannot be combined with another command\n/],
    [
      [...HERE, "--archive", "../x"],
      /^--archive: no archive is called "\.\.\/x"; expected latest or a name such as openclaw-/,
    ],
    [["--archive"], /^Option '--archive <value>' argument missing\n/],
    [["--list"], /^--context is required, because/],
    [[...HERE, "--archive", "latest"], /context here\. .*\nstdin is not a terminal; add --yes to continue\n/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await restore(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /Usage: deno task restore --context NAME --list/);
  }
});
