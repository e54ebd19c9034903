/**
 * `deno task ssm` with the real AWS CLI; moto stands in for SSM and STS.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { secretOf, shellCommands } from "../../src/aws/ssm.ts";
import { DUMMY_VALUE, manualSecrets } from "../../src/model/secrets.ts";
import { readPack } from "openclaw-pack";
import { runTask, taskArguments, taskEnvironment } from "../tasks/process.ts";
import { type TempDir, tempDir } from "../temp_dir.ts";
import { startMoto } from "./moto.ts";
import { aws, exec, must, part } from "./parts.ts";

/** moto's own account. */
const PACK = 'aws: { accountId: "123456789012" }\n';
const { config } = readPack(PACK);
const CONFIG = ["--config", "pack.yaml"];
const VALUE = 'a "value" with \\ and $(date) and ünïcode';

const tools = await part("the AWS CLI with moto in the place of SSM", aws);

/** A moto of the test's own, with what Terraform makes in it. */
interface Store extends AsyncDisposable {
  readonly dir: TempDir;
  /** The environment in which the CLI finds it. */
  readonly environment: Record<string, string>;
  readonly value: (name: string) => Promise<string>;
}

async function store(): Promise<Store> {
  const dir = await tempDir();
  const moto = await startMoto(tools.value);
  const environment = {
    PATH: `${tools.value}:${Deno.env.get("PATH")}`,
    AWS_ENDPOINT_URL: moto.url,
    AWS_ACCESS_KEY_ID: "testing",
    AWS_SECRET_ACCESS_KEY: "testing",
    AWS_EC2_METADATA_DISABLED: "true",
    // Nothing of the user's own.
    AWS_CONFIG_FILE: join(dir.path, "none"),
    AWS_SHARED_CREDENTIALS_FILE: join(dir.path, "none"),
  };
  const cli = (...args: string[]) =>
    must(join(tools.value, "aws"), ["--region", config.aws.region, "ssm", ...args], { env: environment });
  await dir.write("pack.yaml", PACK);
  const made = manualSecrets(config).map(({ parameter }) => ({
    Name: parameter,
    Type: "SecureString",
    Value: DUMMY_VALUE,
  }));
  for (const row of made) await cli("put-parameter", "--cli-input-json", JSON.stringify(row));
  return {
    dir,
    environment,
    value: async (name) => {
      const { parameter } = secretOf(config, name);
      const { stdout } = await cli("get-parameter", "--with-decryption", "--name", parameter, "--output", "json");
      return JSON.parse(stdout).Parameter.Value;
    },
    [Symbol.asyncDispose]: async () => {
      await moto[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  "check tells the dummies, a piped value replaces one, and no output holds it",
  { ignore: tools.ignore },
  async () => {
    await using moto = await store();
    const ssm = (args: string[], input?: string) =>
      runTask("ssm", moto.dir, [...args, ...CONFIG], moto.environment, input);
    const before = await ssm(["--check"]);
    assert.deepEqual([before.code, before.stderr], [1, ""]);
    const rows = before.stdout.trimEnd().split("\n");
    assert.equal(rows.length, manualSecrets(config).length);
    assert.ok(rows.every((row) => row.endsWith(": still the dummy: deno task ssm --run")));

    const put = await ssm(["--run", "GITHUB_TOKEN"], `${VALUE}\n`);
    assert.deepEqual(put, { code: 0, stdout: "/lolice/openclaw/GITHUB_TOKEN: version 2\n", stderr: "" });
    assert.equal(await moto.value("GITHUB_TOKEN"), VALUE);
    const after = await ssm(["--check"]);
    assert.match(after.stdout, /^\/lolice\/openclaw\/GITHUB_TOKEN: set$/m);
    assert.equal(after.code, 1);

    for (const { name } of manualSecrets(config)) await ssm(["--run", name], `value of ${name}`);
    const done = await ssm(["--check"]);
    assert.deepEqual([done.code, done.stdout.includes("dummy")], [0, false]);
  },
);

Deno.test(
  "nothing is written for an empty value, the dummy, or another account",
  { ignore: tools.ignore },
  async () => {
    await using moto = await store();
    await moto.dir.write("other.yaml", 'aws: { accountId: "111122223333" }\n');
    const cases = [
      ["\n", CONFIG, /GITHUB_TOKEN: the value is empty; nothing was written/],
      [DUMMY_VALUE, CONFIG, /GITHUB_TOKEN: that is the dummy; nothing was written/],
      [VALUE, ["--config", "other.yaml"], /credentials are for account 123456789012, .* is 111122223333/],
    ] as const;
    for (const [input, configuration, message] of cases) {
      const args = ["--run", "GITHUB_TOKEN", ...configuration];
      const { code, stdout, stderr } = await runTask("ssm", moto.dir, args, moto.environment, input);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, message);
      assert.equal(await moto.value("GITHUB_TOKEN"), DUMMY_VALUE);
    }
  },
);

Deno.test("a parameter that Terraform has not made is told as missing", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  await moto.dir.write("more.yaml", `${PACK}secrets: [{ name: GRAFANA_API_KEY, description: for dashboards }]\n`);
  const { code, stdout } = await runTask("ssm", moto.dir, ["--check", "--config", "more.yaml"], moto.environment);
  assert.equal(code, 1);
  assert.match(stdout, /^\/lolice\/openclaw\/GRAFANA_API_KEY: not there: apply the Terraform first$/m);
});

Deno.test("on a terminal every open value is asked for and none is shown", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  await moto.dir.write("terminal.py", TERMINAL);
  const answers = {
    ANTHROPIC_API_KEY: VALUE,
    DISCORD_BOT_TOKEN: "",
    GITHUB_TOKEN: "typed-github-token",
    OPENAI_API_KEY: "x",
  };
  await moto.dir.write("answers.json", JSON.stringify(answers));
  const command = [Deno.execPath(), ...taskArguments("ssm", ["--run", ...CONFIG])];
  const { code, stdout } = await exec("python3", ["terminal.py", ...command], {
    cwd: moto.dir.path,
    env: { ...taskEnvironment(moto.dir), ...moto.environment },
  });
  assert.equal(code, 0, stdout);
  assert.equal(await moto.value("ANTHROPIC_API_KEY"), VALUE);
  assert.equal(await moto.value("GITHUB_TOKEN"), "typed-github-token");
  assert.equal(await moto.value("DISCORD_BOT_TOKEN"), DUMMY_VALUE, "an empty answer leaves it");
  assert.match(await moto.value("LITELLM_MASTER_KEY"), /^[0-9a-f]{64}$/);
  assert.notEqual(await moto.value("LITELLM_MASTER_KEY"), await moto.value("LITELLM_PROXY_KEY"));
  assert.doesNotMatch(stdout, /typed-github-token|a "value"|[0-9a-f]{64}/);
});

/** Runs a command on a terminal of its own and answers each of its questions; prints all that it shows. */
const TERMINAL = `
import json, os, pty, sys
answers = json.load(open("answers.json"))
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown = ""
while True:
    try:
        data = os.read(terminal, 4096).decode()
    except OSError:
        break
    if not data:
        break
    shown += data
    for name in [name for name in answers if name + " (" in shown and shown.rstrip(" ").endswith("leave it):")]:
        os.write(terminal, (answers.pop(name) + "\\r").encode())
sys.stdout.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

Deno.test("the printed commands do the same in a shell", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  const block = (name: string) =>
    shellCommands(config).split("\n\n").find((text) => text.startsWith(`# ${name}:`)) ?? "";
  await moto.dir.write("value", `${VALUE}\n`);
  const shell = (command: string) =>
    must("bash", ["-c", `exec <value; ${command}`], { cwd: moto.dir.path, env: moto.environment });
  await shell(block("GITHUB_TOKEN").replace(/^#.*\n/, ""));
  assert.equal(await moto.value("GITHUB_TOKEN"), VALUE);
  await shell(block("LITELLM_PROXY_KEY").replace(/^#.*\n/, ""));
  assert.match(await moto.value("LITELLM_PROXY_KEY"), /^[0-9a-f]{64}$/);
});
