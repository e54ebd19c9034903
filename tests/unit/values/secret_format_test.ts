import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import { DUMMY_VALUE, LITELLM_KEY, storedValue, ValueRefused } from "../../../src/values/secret_format.ts";
import { manualSecrets } from "../../../src/model/secrets.ts";

const { config } = readPack(
  "sandbox: { backend: ssh, image: a/sandbox:1.0.0 }\n" +
    "backup: { s3: { bucket: example-backups } }\n" +
    "secrets: [{ name: A, description: d }]\n",
);
const secrets = manualSecrets(config);

/** Returns what is stored for a value, or why the value is refused. */
function stored(name: string, value: string): string {
  const secret = secrets.find((row) => row.name === name);
  assert.ok(secret !== undefined, name);
  try {
    return storedValue(secret, value);
  } catch (error) {
    assert.ok(error instanceof ValueRefused);
    assert.ok(error.message.startsWith(`${name}: `) && error.message.endsWith(". Nothing was written."));
    assert.ok(!error.message.includes("fake"), "a part of the value");
    return error.message.slice(`${name}: `.length);
  }
}

Deno.test("an empty value, the placeholder and text that is not UTF-8 are refused for every secret", () => {
  for (const { name } of secrets) {
    assert.match(stored(name, " \n"), /^the value is empty; /, name);
    assert.match(stored(name, `${DUMMY_VALUE}\n`), /^the value is still Terraform's placeholder; /, name);
    assert.match(stored(name, "sk-ant-fake\ufffdvalue-of-a-test"), /^the value is not UTF-8 text; /, name);
  }
});

Deno.test("a line is stored without surrounding white space, and refused with a line break or a control character", () => {
  for (const { name } of secrets.filter(({ format }) => format.lines === "one")) {
    const value = "sk-ant-fake-value-of-a-test";
    assert.equal(stored(name, ` \t${value}\r\n\n`), value, name);
    for (const between of ["\n", "\r\n", "\r", "\u2028"]) {
      assert.match(stored(name, `${value}${between}${value}`), /^the value contains a line break; /, name);
    }
    for (const between of ["\0", "\t", "\x1b[0m", "\x7f", "\x85"]) {
      assert.match(stored(name, `${value}${between}${value}`), /^the value contains a control character; /, name);
    }
  }
  assert.equal(stored("A", "fake välue 🔑"), "fake välue 🔑");
});

Deno.test("LiteLLM's keys have 16 or more printable ASCII characters", () => {
  for (const name of ["LITELLM_MASTER_KEY", "LITELLM_PROXY_KEY"]) {
    assert.equal(stored(name, "fake-0123456789~"), "fake-0123456789~");
    assert.match(stored(name, "fake-0123456789"), /^the value is shorter than 16 characters; use at least 16, /);
    assert.match(stored(name, "fake key of a test"), /^the value contains a space or a non-ASCII character; /);
    assert.match(stored(name, "fake-kéy-of-a-test"), /^the value contains a space or a non-ASCII character; /);
  }
});

Deno.test("Anthropic's key begins with sk-ant-", () => {
  const name = "ANTHROPIC_API_KEY";
  assert.equal(stored(name, "sk-ant-fake"), "sk-ant-fake");
  assert.match(stored(name, "sk-ant-fake key"), /^the value contains a space or a non-ASCII character; /);
  for (const value of ["fake", "SK-ANT-fake", "sk-fake", `"sk-ant-fake"`, "ANTHROPIC_API_KEY=sk-ant-fake"]) {
    assert.match(stored(name, value), /^the value does not begin with sk-ant-; paste the entire key/);
  }
  assert.match(stored(name, "sk-ant-"), /^the value ends after sk-ant-; /);
});

Deno.test("a file is stored unchanged, and refused if it is not text", () => {
  const key = "-----BEGIN FAKE KEY-----\n\tfake\n-----END FAKE KEY-----\n";
  assert.equal(stored("SANDBOX_SSH_HOST_KEY", key), key);
  assert.match(stored("SANDBOX_SSH_HOST_KEY", `${key}\0`), /^the file contains control characters; /);
});

Deno.test("LiteLLM's own check has the same rule", async () => {
  const source = await Deno.readTextFile("src/generate/litellm/custom_auth.py");
  assert.equal(source.match(/^MIN_KEY_LENGTH = (\d+)$/m)?.[1], `${LITELLM_KEY.minLength}`);
  assert.equal(source.match(/^TERRAFORM_DUMMY = "(.*)"$/m)?.[1], DUMMY_VALUE);
  assert.match(source, /not value\.isascii\(\) or not value\.isprintable\(\) or " " in value/);
});

Deno.test("a secret that must differ from another names an existing secret", () => {
  const names = secrets.map(({ name }) => name);
  const pairs = secrets.flatMap(({ name, format }) => format.differsFrom ? [[name, format.differsFrom]] : []);
  assert.deepEqual(pairs, [["LITELLM_PROXY_KEY", "LITELLM_MASTER_KEY"]]);
  for (const [, other = ""] of pairs) assert.ok(names.includes(other));
});
