import assert from "node:assert/strict";
import { parse } from "yaml";

Deno.test("SOUL.md has the eight rules, the workflow of a change and the conduct, within OpenClaw's limit", async () => {
  const soul = await Deno.readTextFile("src/generate/openclaw/SOUL.md");
  assert.ok(soul.length <= 20_000, "OpenClaw cuts it off at 20,000 characters");
  const [, rules = "", git = "", conduct = ""] = soul.split(/^## .*$/m);
  assert.deepEqual(rules.match(/^\d+\./gm), ["1.", "2.", "3.", "4.", "5.", "6.", "7.", "8."]);
  // The subject of each rule, in order.
  const subjects = [
    /kubectl.*terraform apply/,
    /環境変数/,
    /Discord/,
    /rm -rf \//,
    /ポートスキャン/,
    /--force/,
    /main \/ master/,
    /private/,
  ];
  const lines = rules.split("\n").filter((line) => /^\d+\./.test(line));
  for (const [index, subject] of subjects.entries()) assert.match(lines[index] ?? "", subject);
  for (
    const demand of [
      /feature ブランチ/,
      /terraform validate/,
      /codex-review/,
      /0 件/,
      /gh pr create/,
      /マージしません/,
      /Webhook/,
    ]
  ) {
    assert.match(git, demand);
  }
  assert.match(git, /Contents（読み書き）/);
  assert.match(conduct, /3 回まで/);
});

Deno.test("the codex-review skill lists its requirements and commands that can be approved", async () => {
  const [, head = "", body = ""] = (await Deno.readTextFile("src/generate/openclaw/skills/codex-review/SKILL.md"))
    .split(
      /^---$/m,
    );
  const { name, metadata } = parse(head);
  assert.equal(name, "codex-review");
  assert.deepEqual(metadata.openclaw.requires, { bins: ["codex", "git"], env: ["CODEX_API_KEY"] });
  const calls = [...body.matchAll(/^```bash\n(.*?)^```$/gms)].flatMap(([, block = ""]) => block.trim().split("\n"));
  assert.equal(calls.length, 4);
  // What a person can approve: no variables, no redirections, one command.
  for (const call of calls) {
    assert.match(call, /^sh \/etc\/codex\/review\.sh (?:uncommitted|base|commit|ask)[^$`<>|&;\n]*$/);
  }
});
