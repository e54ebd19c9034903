import assert from "node:assert/strict";
import { tempDir } from "../temp_dir.ts";
import { runTask } from "./process.ts";

Deno.test("ssm prints its commands, and runs nothing", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "aws: { ssmPrefix: /mine/, region: eu-central-1 }\n");
  // Without a PATH there is no aws to run.
  const { code, stdout, stderr } = await runTask("ssm", dir, ["--config", "pack.yaml"], { PATH: dir.path });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /aws ssm put-parameter --region eu-central-1 --name \/mine\/GITHUB_TOKEN /);
  assert.deepEqual(await dir.list(), ["pack.yaml"]);
});

Deno.test("ssm tells wrong usage from what went wrong", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  const cases = [
    [["--run", "--check"], 2, /--run and --check are two things/],
    [["GITHUB_TOKEN"], 2, /GITHUB_TOKEN: names belong to --run/],
    [["--run", "NONE"], 2, /no secret NONE; there are ANTHROPIC_API_KEY/],
    [["--run"], 2, /without a terminal --run takes one NAME/],
    [["--run", "GITHUB_TOKEN"], 1, /aws, the AWS CLI, is not on the PATH/],
    [["--check"], 1, /aws, the AWS CLI, is not on the PATH/],
    [["--config", "none.yaml"], 1, /none\.yaml: no such file/],
  ] as const;
  for (const [args, status, message] of cases) {
    const { code, stdout, stderr } = await runTask("ssm", dir, [...args], { PATH: dir.path }, "value\n");
    assert.deepEqual([code, stdout], [status, ""], args.join(" "));
    assert.match(stderr, message);
  }
});
