/**
 * `deno task ssm` with the real AWS CLI; moto replaces SSM and STS.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { formsOf } from "../unit/commands/ssm/forms.ts";
import { secretOf, shellCommands } from "../../src/commands/ssm/ssm.ts";
import { manualSecrets } from "../../src/model/secrets.ts";
import { readPack } from "openclaw-pack";
import { runTask, taskArguments, taskEnvironment } from "../unit/tasks/process.ts";
import { type TempDir, tempDir } from "../support/temp_dir.ts";
import { startMoto } from "../support/moto.ts";
import { aws, exec, runOrThrow, tool } from "../support/tools.ts";

/** moto's account. */
const PACK = 'aws: { accountId: "123456789012" }\n';
const { config } = readPack(PACK);
const CONFIG = ["--config", "pack.yaml"];
const VALUE = 'a "value" with \\ and $(date) and ünïcode';

const tools = await tool("the AWS CLI with moto instead of SSM", aws);

/** A separate moto for the test, with the parameters that Terraform creates. */
interface Store extends AsyncDisposable {
  readonly dir: TempDir;
  /** The environment with which the CLI finds moto. */
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
    // Without the user's settings.
    AWS_CONFIG_FILE: join(dir.path, "none"),
    AWS_SHARED_CREDENTIALS_FILE: join(dir.path, "none"),
  };
  const cli = (...args: string[]) =>
    runOrThrow(join(tools.value, "aws"), ["--region", config.aws.region, "ssm", ...args], { env: environment });
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
      const parameter = secretOf(config, name)?.parameter ?? name;
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
  "check lists placeholders, a piped value replaces one, and no output contains the value",
  { ignore: tools.ignore },
  async () => {
    await using moto = await store();
    const ssm = (args: string[], input?: string) =>
      runTask("ssm", moto.dir, [...args, ...CONFIG], moto.environment, input);
    const before = await ssm(["--check"]);
    assert.deepEqual([before.code, before.stderr], [1, ""]);
    const rows = before.stdout.trimEnd().split("\n");
    assert.equal(rows.length, manualSecrets(config).length);
    assert.ok(rows.every((row) => row.endsWith(": still the placeholder; run deno task ssm --run")));

    const put = await ssm(["--run", "GITHUB_TOKEN"], `${VALUE}\n`);
    assert.deepEqual(put, { code: 0, stdout: "/lolice/openclaw/GITHUB_TOKEN: version 2\n", stderr: "" });
    assert.equal(await moto.value("GITHUB_TOKEN"), VALUE);
    const after = await ssm(["--check"]);
    assert.match(after.stdout, /^\/lolice\/openclaw\/GITHUB_TOKEN: set$/m);
    assert.equal(after.code, 1);

    for (const { name, format } of manualSecrets(config)) {
      await ssm(["--run", name], `${format.begins ?? ""}fake-value-of-${name}`);
    }
    const done = await ssm(["--check"]);
    assert.deepEqual([done.code, done.stdout.includes("dummy")], [0, false]);
  },
);

Deno.test(
  "nothing is written for an empty value, the placeholder, or another account",
  { ignore: tools.ignore },
  async () => {
    await using moto = await store();
    await moto.dir.write("other.yaml", 'aws: { accountId: "111122223333" }\n');
    const cases = [
      ["\n", CONFIG, /GITHUB_TOKEN: the value is empty; write the real one\. Nothing was written\./],
      [
        DUMMY_VALUE,
        CONFIG,
        /GITHUB_TOKEN: the value is still Terraform's placeholder; write the real one\. Nothing was written\./,
      ],
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

Deno.test("values that LiteLLM would refuse are refused first", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  const cases = [
    [
      "LITELLM_MASTER_KEY",
      "fake-0123456789",
      /^LITELLM_MASTER_KEY: the value is shorter than 16 characters; use at /,
    ],
    [
      "LITELLM_PROXY_KEY",
      "fake key of a test",
      /^LITELLM_PROXY_KEY: the value contains a space or a non-ASCII character; /,
    ],
    ["ANTHROPIC_API_KEY", "fake-key-of-a-test", /^ANTHROPIC_API_KEY: the value does not begin with sk-ant-; /],
    ["OPENAI_API_KEY", "fake-one\nfake-two\n", /^OPENAI_API_KEY: the value contains a line break; /],
    ["OPENAI_API_KEY", "fake\x1b[31m", /^OPENAI_API_KEY: the value contains a control character; /],
  ] as const;
  for (const [name, input, message] of cases) {
    const outcome = await runTask("ssm", moto.dir, ["--run", name, ...CONFIG], moto.environment, input);
    assert.deepEqual([outcome.code, outcome.stdout], [1, ""]);
    assert.match(outcome.stderr, message);
    assert.doesNotMatch(outcome.stderr, /fake/);
    assert.equal(await moto.value(name), DUMMY_VALUE);
  }
});

Deno.test("two equal keys of LiteLLM are reported after the put and by check", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  const ssm = (args: string[], input?: string) =>
    runTask("ssm", moto.dir, [...args, ...CONFIG], moto.environment, input);
  const key = "fake-key-of-a-test-that-both-have";
  assert.doesNotMatch((await ssm(["--check"])).stdout, /the same/, "two placeholders are only placeholders");
  assert.equal((await ssm(["--run", "LITELLM_PROXY_KEY"], key)).code, 0);
  const put = await ssm(["--run", "LITELLM_MASTER_KEY"], ` ${key}\n`);
  assert.deepEqual([put.code, put.stdout], [1, "/lolice/openclaw/LITELLM_MASTER_KEY: version 2\n"]);
  assert.match(put.stderr, /^LITELLM_MASTER_KEY was written, but has the same value as LITELLM_PROXY_KEY, so LiteLLM /);
  const check = await ssm(["--check"]);
  assert.match(
    check.stdout,
    /^\/lolice\/openclaw\/LITELLM_PROXY_KEY: has the same value as LITELLM_MASTER_KEY, so LiteLLM does not start; run deno task ssm --run LITELLM_PROXY_KEY$/m,
  );
  assert.match(check.stdout, /^\/lolice\/openclaw\/LITELLM_MASTER_KEY: set$/m);
  assert.equal((await ssm(["--run", "LITELLM_PROXY_KEY"], `${key}-2`)).code, 0);
  const after = await ssm(["--check"]);
  assert.match(after.stdout, /^\/lolice\/openclaw\/LITELLM_PROXY_KEY: set$/m);
  assert.doesNotMatch(put.stderr + check.stdout + after.stdout, /fake-key/);
});

Deno.test("a value that the service repeats is not shown", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  let answer: Record<string, string> = {};
  let received = "";
  await using service = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    received = (await request.json()).Value;
    return Response.json(answer, { status: 400 });
  });
  const environment = { ...moto.environment, AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${service.addr.port}` };
  const ssm = (environment: Record<string, string>) =>
    runTask("ssm", moto.dir, ["--run", "GITHUB_TOKEN", ...CONFIG], environment, VALUE);
  const all = [...formsOf(VALUE).values()].join(" ");
  answer = { __type: "ValidationException", message: `Value '${all}' at 'value' failed to satisfy constraint` };
  assert.deepEqual(await ssm(environment), {
    code: 1,
    stdout: "",
    stderr: "aws ssm put-parameter failed for /lolice/openclaw/GITHUB_TOKEN: ValidationException: AWS rejects " +
      "the request; a standard parameter holds at most 4096 characters, and its name must be valid\n",
  });
  assert.equal(received, VALUE, "the value did reach the service");
  answer = { __type: all, message: all };
  const { code, stdout, stderr } = await ssm(environment);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /^aws ssm .* \(exit status \d+\)\. Its message is not shown, because it could repeat the value\.\n/,
  );
  assert.doesNotMatch(stderr, /date|Y Z/i);
});

Deno.test("errors between the CLI and the service are explained", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  const nowhere = { AWS_ENDPOINT_URL_SSM: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: "1" };
  const ssm = (environment: Record<string, string>) =>
    runTask("ssm", moto.dir, ["--run", "GITHUB_TOKEN", ...CONFIG], { ...moto.environment, ...environment }, VALUE);
  assert.match((await ssm(nowhere)).stderr, /GITHUB_TOKEN: the AWS CLI cannot reach AWS; check the network/);
  assert.match(
    (await ssm({ AWS_PROFILE: "none" })).stderr,
    /^aws sts .* failed: The config profile \(none\) could not be/,
  );
});

Deno.test("a history of the CLI, which would contain the values, is refused", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  await moto.dir.write("config", "[default]\ncli_history = enabled\n");
  const environment = {
    ...moto.environment,
    AWS_CONFIG_FILE: join(moto.dir.path, "config"),
    AWS_CLI_HISTORY_FILE: join(moto.dir.path, "history"),
  };
  for (const [args, input] of [[["--run", "GITHUB_TOKEN"], VALUE], [["--check"], undefined]] as const) {
    const { code, stdout, stderr } = await runTask("ssm", moto.dir, [...args, ...CONFIG], environment, input);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^the AWS CLI keeps a history .* Turn it off with: aws configure set cli_history disabled\n$/);
  }
  assert.equal(await moto.value("GITHUB_TOKEN"), DUMMY_VALUE);
  const history = new TextDecoder("latin1").decode(await Deno.readFile(environment.AWS_CLI_HISTORY_FILE));
  assert.match(history, /cli_history/, "control: the CLI records a history");
  assert.doesNotMatch(history, /put-parameter|get-parameters|\$\(date\)/);
});

Deno.test("a parameter that Terraform has not created is reported as missing", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  await moto.dir.write("more.yaml", `${PACK}secrets: [{ name: GRAFANA_API_KEY, description: for dashboards }]\n`);
  const { code, stdout } = await runTask("ssm", moto.dir, ["--check", "--config", "more.yaml"], moto.environment);
  assert.equal(code, 1);
  assert.match(stdout, /^\/lolice\/openclaw\/GRAFANA_API_KEY: does not exist; apply the Terraform first$/m);
});

/**
 * Runs the task on a separate terminal, in a shell, and answers its questions. Returns everything that the terminal shows.
 * There are pauses between the pieces of an answer. The shell prints what is left on the terminal afterwards.
 */
async function onTerminal(moto: Store, args: string[], answers: Record<string, string | string[]>) {
  await moto.dir.write("terminal.py", TERMINAL);
  await moto.dir.write("answers.json", JSON.stringify(answers));
  const command = [Deno.execPath(), ...taskArguments("ssm", ["--run", ...args, ...CONFIG])];
  const { code, stdout, stderr } = await exec("python3", ["terminal.py", ...command], {
    cwd: moto.dir.path,
    env: { ...taskEnvironment(moto.dir), ...moto.environment },
  });
  assert.equal(stderr, "");
  const [shown = "", left] = stdout.split("left of it: ");
  assert.equal(left, "[] with echo\r\n", stdout);
  return { code, shown };
}

Deno.test("on a terminal the task asks for every open value and shows none", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  const { code, shown } = await onTerminal(moto, [], {
    ANTHROPIC_API_KEY: "sk-ant-typed-anthropic-kez\x7fy\r",
    DISCORD_BOT_TOKEN: "\r",
    GITHUB_TOKEN: ["typed-\x1b[Dgit", "hub-token\r"],
    OPENAI_API_KEY: `\x1b[200~${VALUE}\n\x1b[201~\r`,
  });
  assert.equal(code, 0, shown);
  assert.equal(await moto.value("ANTHROPIC_API_KEY"), "sk-ant-typed-anthropic-key");
  assert.equal(await moto.value("GITHUB_TOKEN"), "typed-github-token");
  assert.equal(await moto.value("OPENAI_API_KEY"), VALUE);
  assert.equal(await moto.value("DISCORD_BOT_TOKEN"), DUMMY_VALUE, "an empty answer keeps it");
  assert.match(await moto.value("LITELLM_MASTER_KEY"), /^[0-9a-f]{64}$/);
  assert.notEqual(await moto.value("LITELLM_MASTER_KEY"), await moto.value("LITELLM_PROXY_KEY"));
  assert.doesNotMatch(shown, /typed-|anthropic-ke|hub-token|a "value"|[0-9a-f]{64}/);
});

Deno.test(
  "of several lines pasted together none is written, shown or left to the shell",
  { ignore: tools.ignore },
  async () => {
    await using moto = await store();
    const pastes = {
      "at once": "fake-one\rfake-two\rfake-three\r",
      "with a pause": ["fake-one\r", "fake-two\r", "fake-three"],
      "in brackets": ["\x1b[200~fake-one\rfake-", "two\rfake-three\r\x1b[201~\r"],
      "of many": `${"fake-line-of-a-long-paste\r".repeat(2000)}`,
    };
    for (const [how, paste] of Object.entries(pastes)) {
      const { code, shown } = await onTerminal(moto, ["GITHUB_TOKEN", "OPENAI_API_KEY"], { GITHUB_TOKEN: paste });
      assert.equal(code, 1, how);
      assert.match(
        shown,
        /GITHUB_TOKEN: the value contains a line break; write it on one line\. Nothing was written\./,
      );
      assert.doesNotMatch(shown, /fake|OPENAI_API_KEY/, how);
      assert.equal(await moto.value("GITHUB_TOKEN"), DUMMY_VALUE, how);
    }
  },
);

Deno.test(
  "Ctrl-C and Ctrl-D end the task, and nothing typed is written or shown",
  { ignore: tools.ignore },
  async () => {
    await using moto = await store();
    const endings = [["fake-typed\x03", 130], [["fake-typed", "\x03fake-rest\r", "fake-more\r"], 130], [
      "fake-typed\x03fake-rest\r",
      130,
    ], [
      "\x04",
      1,
    ]] as const;
    for (const [typed, status] of endings) {
      const answer = typeof typed === "string" ? typed : [...typed];
      const { code, shown } = await onTerminal(moto, ["GITHUB_TOKEN"], { GITHUB_TOKEN: answer });
      assert.equal(code, status, shown);
      assert.doesNotMatch(shown, /fake/);
      assert.equal(await moto.value("GITHUB_TOKEN"), DUMMY_VALUE);
    }
  },
);

Deno.test("input before a question is discarded and not shown", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  // The terminal shows this line while the CLI writes the previous value.
  const { code, shown } = await onTerminal(moto, ["GITHUB_TOKEN", "OPENAI_API_KEY"], {
    GITHUB_TOKEN: ["fake-github-token\r", "", "", "", "", "fake-early\r"],
    OPENAI_API_KEY: "fake-openai-key\r",
  });
  assert.equal(code, 0, shown);
  assert.equal(await moto.value("GITHUB_TOKEN"), "fake-github-token");
  assert.equal(await moto.value("OPENAI_API_KEY"), "fake-openai-key");
  assert.doesNotMatch(shown, /fake/);
});

/** Runs a command on a separate terminal, answers each of its questions, and prints everything that it shows. */
const TERMINAL = `
import json, os, pty, signal, sys, time
# A missing question must not hang the test.
signal.alarm(120)
answers = json.load(open("answers.json"))
SHELL = """
"$@"
status=$?
IFS= read -r -d '' -t 0.5 left
stty -a | grep -q -- ' -echo ' && echo=without || echo=with
echo "left of it: [$left] $echo echo"
exit $status
"""
child, terminal = pty.fork()
if child == 0:
    os.execvp("bash", ["bash", "-c", SHELL, "bash"] + sys.argv[1:])
shown = ""
while True:
    try:
        data = os.read(terminal, 4096).decode()
    except OSError:
        break
    if not data:
        break
    shown += data
    for name in [name for name in answers if name + " (" in shown and shown.rstrip(" ").endswith("leave empty to keep):")]:
        answer = answers.pop(name)
        for piece in [answer] if isinstance(answer, str) else answer:
            rest = piece.encode()
            while rest:
                rest = rest[os.write(terminal, rest[:1024]):]
            time.sleep(0.05)
sys.stdout.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;
import { DUMMY_VALUE } from "../../src/values/secret_format.ts";

Deno.test("the printed commands work in a shell", { ignore: tools.ignore }, async () => {
  await using moto = await store();
  const block = (name: string) =>
    shellCommands(config).split("\n\n").find((text) => text.startsWith(`# ${name}:`)) ?? "";
  await moto.dir.write("value", `${VALUE}\n`);
  const shell = (command: string) =>
    runOrThrow("bash", ["-c", `exec <value; ${command}`], { cwd: moto.dir.path, env: moto.environment });
  await shell(block("GITHUB_TOKEN").replace(/^#.*\n/, ""));
  assert.equal(await moto.value("GITHUB_TOKEN"), VALUE);
  await shell(block("LITELLM_PROXY_KEY").replace(/^#.*\n/, ""));
  assert.match(await moto.value("LITELLM_PROXY_KEY"), /^[0-9a-f]{64}$/);
});
