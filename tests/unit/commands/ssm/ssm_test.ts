import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import { AwsFailed } from "../../../../src/commands/ssm/failure.ts";
import {
  type Aws,
  checkAccount,
  checkHistory,
  parameterStates,
  putValue,
  randomValue,
  sameAs,
  secretOf,
  shellCommands,
} from "../../../../src/commands/ssm/ssm.ts";
import type { Secret } from "../../../../src/model/secrets.ts";
import type { Outcome } from "../../../../src/cluster/program.ts";
import { formsOf } from "./forms.ts";
import { DUMMY_VALUE } from "../../../../src/values/secret_format.ts";

const { config } = readPack(
  "secrets: [{ name: A, description: d }, { name: B, description: d }, { name: C, description: d }]",
);
const VALUE = `fake-"välue"\\that'nobody may-see/0123456789`;

function secret(name: string): Secret {
  const found = secretOf(config, name);
  assert.ok(found !== undefined, name);
  return found;
}

interface Call {
  readonly args: readonly string[];
  readonly input: string | undefined;
}

/** A fake AWS CLI that records its calls and returns these answers in order. */
function recorded(...answers: (string | Partial<Outcome>)[]): { aws: Aws; calls: Call[] } {
  const calls: Call[] = [];
  const aws: Aws = (args, input) => {
    const answer = answers[calls.push({ args, input }) - 1] ?? "";
    return Promise.resolve(
      typeof answer === "string"
        ? { code: 0, stdout: answer, stderr: "" }
        : { code: 254, stdout: "", stderr: "", ...answer },
    );
  };
  return { aws, calls };
}

Deno.test("a value is passed on standard input, never as an argument", async () => {
  const { aws, calls } = recorded("7\n");
  assert.equal(await putValue(aws, config, secret("GITHUB_TOKEN"), VALUE), 7);
  assert.deepEqual(calls.map(({ input }) => input), [VALUE]);
  assert.ok(calls[0]?.args.includes("/lolice/openclaw/GITHUB_TOKEN"));
  assert.ok(calls[0]?.args.includes("file:///dev/stdin"));
  assert.ok(!calls[0]?.args.join(" ").includes("nobody"));
});

/** Returns the result of a put: its version, or the message of its error. */
async function put(value: string, answer: string | Partial<Outcome>): Promise<string> {
  try {
    return `version ${await putValue(recorded(answer).aws, config, secret("A"), value)}`;
  } catch (error) {
    assert.ok(error instanceof AwsFailed);
    return error.message;
  }
}

Deno.test("the message is the same for every form in which a value is repeated", async () => {
  const without = await put(VALUE, { stderr: "something else\n" });
  assert.match(
    without,
    /^aws ssm put-parameter failed for \/lolice\/openclaw\/A \(exit status 254\)\. Its message is not/,
  );
  const refused = await put(VALUE, {
    stderr: "An error occurred (ValidationException) when calling the PutParameter operation: no\n",
  });
  assert.match(refused, /: ValidationException: AWS rejects the request; .* 4096 characters/);
  for (const [form, text] of formsOf(VALUE)) {
    assert.equal(await put(VALUE, { stderr: text }), without, form);
    assert.equal(await put(VALUE, { stdout: text }), without, form);
    const code = `An error occurred (${text}) when calling the PutParameter operation: ${text}`;
    assert.equal(await put(VALUE, { stderr: code }), without, `${form} as the code`);
    const message =
      `\nAn error occurred (ValidationException) when calling the PutParameter operation: Value '${text}' at 'value'`;
    assert.equal(await put(VALUE, { stderr: message }), refused, form);
    assert.equal(await put(VALUE, { code: 0, stdout: text }), "version undefined", form);
    assert.equal(await put(VALUE, { code: 0, stdout: "3\n", stderr: text }), "version 3", form);
  }
});

Deno.test("a value that looks like an error code or a version is not shown either", async () => {
  const token = "FakeToken0123456789abcdef";
  const code = `An error occurred (${token}) when calling the PutParameter operation: no`;
  assert.ok(!(await put(token, { stderr: code })).includes("FakeToken"));
  assert.equal(await put("123456", { code: 0, stdout: "123456" }), "version undefined");
  assert.equal(await put("1234567890", { code: 0, stdout: "3456" }), "version undefined");
  assert.equal(await put("1234567890", { code: 0, stdout: "12\n" }), "version 12");
});

Deno.test("a common error is explained, with what to do next", async () => {
  const service = (code: string, end = "") =>
    `An error occurred (${code}) when calling the PutParameter operation${end}: x`;
  const cases = [
    [service("ParameterNotFound"), /ParameterNotFound: .* apply the Terraform first$/],
    [`aws: [ERROR]: ${service("AccessDeniedException")}`, /AccessDeniedException: .* allow ssm:PutParameter/],
    [service("ExpiredTokenException"), /ExpiredTokenException: the credentials have expired; sign in again/],
    [service("UnrecognizedClientException"), /UnrecognizedClientException: AWS does not know the access key; /],
    [service("ThrottlingException", " (reached max retries: 4)"), /ThrottlingException: .* wait a minute/],
    [service("ParameterMaxVersionLimitExceeded"), /ParameterMaxVersionLimitExceeded: .* 100 versions/],
    [service("constructor"), /Its message is not shown/],
    ["Unable to locate credentials. You can configure", /finds no credentials; sign in, or set AWS_PROFILE$/],
    ["You must specify a region. You can also", /has no region; set aws\.region/],
    [`Could not connect to the endpoint URL: "http://127.0.0.1:1/"`, /cannot reach AWS; check the network/],
    ["The config profile (mine) could not be found", /does not find the profile; check AWS_PROFILE$/],
  ] as const;
  for (const [stderr, message] of cases) assert.match(await put(VALUE, { stderr }), message);
});

Deno.test("a call without a value shows the CLI's message, with control characters escaped", async () => {
  const { aws } = recorded({ stderr: "\x1b]0;title\x07 no\u202e\nmore\r\n" });
  await assert.rejects(checkAccount(aws, config), {
    message: "aws sts get-caller-identity failed: \\u{1b}]0;title\\u{7} no\\u{202e}\nmore",
  });
});

Deno.test("output that is not from the AWS CLI is not repeated", async () => {
  for (const answer of [VALUE, JSON.stringify({ dummy: VALUE }), "null"]) {
    await assert.rejects(parameterStates(recorded(answer).aws, config), (error: Error) => {
      assert.match(error.message, /^aws ssm get-parameters printed unexpected output, which is not shown/);
      assert.ok(!(error.stack ?? "").includes("nobody"));
      return error instanceof AwsFailed;
    });
  }
});

Deno.test("a history of the AWS CLI is refused, because it would contain the values", async () => {
  await checkHistory(recorded({ code: 1 }).aws);
  await checkHistory(recorded("disabled\n").aws);
  await assert.rejects(checkHistory(recorded("enabled\n").aws), { message: /aws configure set cli_history disabled$/ });
});

Deno.test("a value that its reader would refuse never reaches the AWS CLI", async () => {
  const { aws, calls } = recorded();
  for (const [name, value] of [["ANTHROPIC_API_KEY", "fake"], ["LITELLM_PROXY_KEY", "short"], ["A", "a\nb"]] as const) {
    await assert.rejects(putValue(aws, config, secret(name), value), { name: "ValueRefused" });
  }
  assert.deepEqual(calls, []);
});

Deno.test("LiteLLM's keys are compared inside the CLI, whichever of them was written", async () => {
  for (const name of ["LITELLM_MASTER_KEY", "LITELLM_PROXY_KEY"]) {
    const { aws, calls } = recorded("true\n", "false\n");
    const other = await sameAs(aws, config, secret(name));
    assert.match(other?.name ?? "", name === "LITELLM_MASTER_KEY" ? /PROXY/ : /MASTER/);
    assert.equal(await sameAs(aws, config, secret(name)), undefined);
    assert.match(
      calls[0]?.args.join(" ") ?? "",
      /--query length\(Parameters\) == `2` && Parameters\[0\]\.Value == Param/,
    );
  }
  const { aws, calls } = recorded();
  assert.equal(await sameAs(aws, config, secret("GITHUB_TOKEN")), undefined);
  assert.deepEqual(calls, []);
});

Deno.test("credentials for another account are refused", async () => {
  await checkAccount(recorded("839695154978\n").aws, config);
  await assert.rejects(checkAccount(recorded("111122223333\n").aws, config), {
    message: "the credentials are for account 111122223333, but aws.accountId in pack.yaml is 839695154978",
  });
});

Deno.test("states are requested ten at a time, and the values stay in the CLI", async () => {
  const prefix = "/lolice/openclaw/";
  const { aws, calls } = recorded(
    JSON.stringify({ dummy: [`${prefix}GITHUB_TOKEN`, `${prefix}A`], missing: [`${prefix}B`] }),
    JSON.stringify({ dummy: [], missing: [] }),
    "true",
  );
  const secrets = readPack(
    `secrets: [${["A", "B", "C", "D"].map((name) => `{ name: ${name}, description: d }`).join()}]`,
  ).config;
  const states = [...await parameterStates(aws, secrets)].map(([{ name }, state]) => `${name} ${state}`);
  assert.deepEqual(states.filter((row) => !row.endsWith(" set")), [
    "LITELLM_PROXY_KEY same",
    "GITHUB_TOKEN dummy",
    "A dummy",
    "B missing",
  ]);
  assert.equal(states.length, 11);
  const named = calls.map(({ args }) => args.slice(args.indexOf("--names") + 1).length);
  assert.deepEqual(named, [10, 1, 2]);
  for (const { args } of calls.slice(0, 2)) {
    assert.match(
      args.join(" "),
      new RegExp(`--query \\{dummy: Parameters\\[\\?Value=='${DUMMY_VALUE}'\\]\\.Name, missing`),
    );
  }
});

Deno.test("every parameter has the command for its kind of value", () => {
  const text = shellCommands(readPack("sandbox: { backend: ssh, image: a/sandbox:1.0.0 }").config);
  const blocks = new Map(text.split("\n\n").map((block) => [block.match(/^# (\w+): /)?.[1], block]));
  assert.equal(blocks.size, 11);
  assert.match(blocks.get("GITHUB_TOKEN") ?? "", /\nread -rs VALUE && printf %s "\$VALUE" \| aws ssm .*; unset VALUE/);
  assert.match(blocks.get("LITELLM_MASTER_KEY") ?? "", /\nopenssl rand -hex 32 \| tr -d '\\n' \| aws ssm /);
  assert.match(blocks.get("SANDBOX_SSH_HOST_KEY") ?? "", /\naws ssm .* --value file:\/\/\/dev\/stdin <FILE/);
  assert.doesNotMatch(text, /tunnel-token/);
});

Deno.test("random values have 256 bits and differ", () => {
  assert.match(randomValue(), /^[0-9a-f]{64}$/);
  assert.notEqual(randomValue(), randomValue());
});
