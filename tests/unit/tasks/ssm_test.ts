import assert from "node:assert/strict";
import { formsOf } from "../commands/ssm/forms.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { runTask } from "./process.ts";

const VALUE = `fake-"välue"\\that'nobody may-see/0123456789`;

Deno.test("ssm prints its commands, and runs nothing", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "aws: { ssmPrefix: /mine/, region: eu-central-1 }\n");
  // Without a PATH there is no aws to run.
  const { code, stdout, stderr } = await runTask("ssm", dir, ["--config", "pack.yaml"], { PATH: dir.path });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /aws ssm put-parameter --region eu-central-1 --name \/mine\/GITHUB_TOKEN /);
  assert.deepEqual(await dir.list(), ["pack.yaml"]);
});

Deno.test("ssm distinguishes wrong usage from failures", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  const cases = [
    [["--run", "--check"], 2, /--run and --check are mutually exclusive/],
    [["GITHUB_TOKEN"], 2, /^NAME requires --run/],
    [
      ["--run", "NONE"],
      2,
      /^NAME number 1 is not the name of a secret; expected one of: ANTHROPIC_API_KEY, .*\. Pass a value on/,
    ],
    [["--chek"], 2, /^unknown option, which is not shown/],
    [["--run"], 2, /without a terminal, --run requires one NAME/],
    [["--run", "GITHUB_TOKEN"], 1, /aws is not on the PATH; install the AWS CLI/],
    [["--check"], 1, /aws is not on the PATH; install the AWS CLI/],
    [["--config", "none.yaml"], 1, /none\.yaml: no such file/],
  ] as const;
  for (const [args, status, message] of cases) {
    const { code, stdout, stderr } = await runTask("ssm", dir, [...args], { PATH: dir.path }, "value\n");
    assert.deepEqual([code, stdout], [status, ""], args.join(" "));
    assert.match(stderr, message);
  }
});

/** A fake aws that prints a prepared text, to stand for a CLI that repeats the value. */
const STAND_IN = `#!/bin/sh
case "$1 $2" in
"configure get") exit 1 ;;
"sts get-caller-identity") echo 839695154978 ;;
*) cat >/dev/null; cat said; cat said >&2; exit "$(cat status)" ;;
esac
`;

Deno.test("ssm shows nothing of what aws repeats, whether it fails or not", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  await dir.write("aws", STAND_IN);
  await Deno.chmod(`${dir.path}/aws`, 0o755);
  await dir.write("said", [...formsOf(VALUE).values()].join("\n"));
  const ssm = async (status: number) => {
    await dir.write("status", `${status}\n`);
    const environment = { PATH: `${dir.path}:${Deno.env.get("PATH")}` };
    return await runTask("ssm", dir, ["--run", "GITHUB_TOKEN", "--config", "pack.yaml"], environment, VALUE);
  };
  const failed = await ssm(254);
  assert.deepEqual([failed.code, failed.stdout], [1, ""]);
  assert.match(
    failed.stderr,
    /^aws ssm put-parameter failed for \/lolice\/openclaw\/GITHUB_TOKEN \(exit status 254\)\. Its message is not shown.*\nTo test the access without a value, run:\n {2}aws ssm get-parameter --region ap-northeast-1 --name \/lolice\/openclaw\/GITHUB_TOKEN --query Parameter\.Version\nTo see the message, run the command that "deno task ssm" prints for GITHUB_TOKEN, on a terminal that is not shared or recorded\.\n$/,
  );
  assert.deepEqual(await ssm(0), {
    code: 0,
    stdout: "/lolice/openclaw/GITHUB_TOKEN: written; the AWS CLI's output is not a version number and is not shown, " +
      "because it could repeat the value\n",
    stderr: "",
  });
});

Deno.test("ssm does not repeat a value that was given as a name or an option", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  for (const args of [[VALUE], ["--run", "GITHUB_TOKEN", VALUE], ["--run", "GITHUB_TOKEN", `--${VALUE}`]]) {
    const { code, stdout, stderr } = await runTask("ssm", dir, args, { PATH: dir.path });
    assert.deepEqual([code, stdout], [2, ""]);
    assert.ok(!stderr.includes("nobody"), stderr);
  }
});
