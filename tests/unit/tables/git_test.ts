import assert from "node:assert/strict";
import { GIT_ENV } from "../../../src/tables/git.ts";
import { TOOLS_DIR } from "../../../src/tables/paths.ts";

Deno.test("git finds every setting of the environment", () => {
  const env: Readonly<Record<string, string>> = GIT_ENV;
  const numbered = (prefix: string) =>
    Object.keys(env).filter((name) => name.startsWith(prefix)).map((name) => Number(name.slice(prefix.length)));
  const count = Number(env.GIT_CONFIG_COUNT);
  assert.ok(count > 10);
  const numbers = Array.from({ length: count }, (_, index) => index);
  assert.deepEqual(numbered("GIT_CONFIG_KEY_"), numbers);
  assert.deepEqual(numbered("GIT_CONFIG_VALUE_"), numbers);
});

Deno.test("no setting makes git accept a repository of another user", () => {
  assert.deepEqual(Object.values(GIT_ENV).filter((value) => value.toLowerCase() === "safe.directory"), []);
  assert.equal(GIT_ENV.GIT_CONFIG_GLOBAL, "/dev/null");
  assert.equal(GIT_ENV.GIT_CONFIG_NOSYSTEM, "1");
});

Deno.test("Codex's commands can read Codex itself", async () => {
  assert.ok((await Deno.readTextFile("src/generate/openclaw/codex.toml")).includes(`"${TOOLS_DIR}" = "read"\n`));
});
