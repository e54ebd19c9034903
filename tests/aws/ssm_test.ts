import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import {
  type Aws,
  AwsFailed,
  checkAccount,
  parameterStates,
  putValue,
  randomValue,
  secretOf,
  shellCommands,
} from "../../src/aws/ssm.ts";
import { DUMMY_VALUE } from "../../src/model/secrets.ts";

const { config } = readPack(
  "secrets: [{ name: A, description: d }, { name: B, description: d }, { name: C, description: d }]",
);
const VALUE = "a-value-that-nobody-may-see";

interface Call {
  readonly args: readonly string[];
  readonly input: string | undefined;
}

/** A stand-in for the aws CLI that notes its calls and answers in their order. */
function recorded(...answers: (string | { stderr: string })[]): { aws: Aws; calls: Call[] } {
  const calls: Call[] = [];
  const aws: Aws = (args, input) => {
    const answer = answers[calls.push({ args, input }) - 1] ?? "";
    return Promise.resolve(
      typeof answer === "string" ? { code: 0, stdout: answer, stderr: "" } : { code: 254, stdout: "", ...answer },
    );
  };
  return { aws, calls };
}

Deno.test("a value goes to standard input, and never into an argument", async () => {
  const { aws, calls } = recorded("7\n");
  assert.equal(await putValue(aws, config, secretOf(config, "GITHUB_TOKEN"), VALUE), 7);
  assert.deepEqual(calls.map(({ input }) => input), [VALUE]);
  assert.ok(calls[0]?.args.includes("/lolice/openclaw/GITHUB_TOKEN"));
  assert.ok(calls[0]?.args.includes("file:///dev/stdin"));
  assert.doesNotMatch(calls[0]?.args.join(" ") ?? "", new RegExp(VALUE));
});

Deno.test("what the service repeats of a value is taken out of its error", async () => {
  const { aws } = recorded({ stderr: `An error: Value '${VALUE}' at 'value' failed to satisfy constraint\n` });
  await assert.rejects(putValue(aws, config, secretOf(config, "A"), VALUE), (error: Error) => {
    assert.ok(error instanceof AwsFailed);
    assert.equal(
      error.message,
      "aws ssm put-parameter failed: An error: Value '***' at 'value' failed to satisfy constraint",
    );
    return true;
  });
});

Deno.test("credentials for another account are refused", async () => {
  await checkAccount(recorded("839695154978\n").aws, config);
  await assert.rejects(checkAccount(recorded("111122223333\n").aws, config), {
    message: "the credentials are for account 111122223333, but aws.accountId in pack.yaml is 839695154978",
  });
});

Deno.test("states are asked for ten at a time, and the values stay in the CLI", async () => {
  const prefix = "/lolice/openclaw/";
  const { aws, calls } = recorded(
    JSON.stringify({ dummy: [`${prefix}GITHUB_TOKEN`, `${prefix}A`], missing: [`${prefix}B`] }),
    JSON.stringify({ dummy: [], missing: [] }),
  );
  const secrets = readPack(
    `secrets: [${["A", "B", "C", "D"].map((name) => `{ name: ${name}, description: d }`).join()}]`,
  ).config;
  const states = [...await parameterStates(aws, secrets)].map(([{ name }, state]) => `${name} ${state}`);
  assert.deepEqual(states.filter((row) => !row.endsWith(" set")), ["GITHUB_TOKEN dummy", "A dummy", "B missing"]);
  assert.equal(states.length, 11);
  const named = calls.map(({ args }) => args.slice(args.indexOf("--names") + 1).length);
  assert.deepEqual(named, [10, 1]);
  for (const { args } of calls) {
    assert.match(
      args.join(" "),
      new RegExp(`--query \\{dummy: Parameters\\[\\?Value=='${DUMMY_VALUE}'\\]\\.Name, missing`),
    );
  }
});

Deno.test("a name that is none is told with those that are", () => {
  assert.throws(() => secretOf(config, "GITHUB"), {
    message: /^no secret GITHUB; there are ANTHROPIC_API_KEY, .*, C$/,
  });
});

Deno.test("every parameter has its command, by the kind of its value", () => {
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
