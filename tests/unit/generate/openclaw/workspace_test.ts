import assert from "node:assert/strict";
import { parse } from "yaml";
import { refusal } from "../../../../src/generate/openclaw/elevation/policy.mjs";

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
      /github-exchange/,
      /サンドボックスの外で `git` を直接実行すること/,
      /マージしません/,
      /Webhook/,
    ]
  ) {
    assert.match(git, demand);
  }
  assert.match(git, /Contents（読み書き）/);
  assert.match(conduct, /3 回まで/);
});

const SKILLS = {
  "codex-review": {
    requires: { bins: ["codex", "git"], env: ["CODEX_API_KEY"] },
    actions: ["review", "review", "review", "review-local"],
  },
  "github-exchange": { requires: { bins: ["git"], env: ["GH_TOKEN"] }, actions: ["fetch", "publish", "publish"] },
};

for (const [skill, { requires, actions }] of Object.entries(SKILLS)) {
  Deno.test(`the skill ${skill} lists its requirements and commands that can be approved`, async () => {
    const page = await Deno.readTextFile(`src/generate/openclaw/skills/${skill}/SKILL.md`);
    const [, head = "", body = ""] = page.split(/^---$/m);
    const { name, metadata } = parse(head);
    assert.equal(name, skill);
    assert.deepEqual(metadata.openclaw.requires, requires);
    const calls = [...body.matchAll(/^ *```bash\n(.*?)^ *```$/gms)].flatMap(([, block = ""]) =>
      block.trim().split("\n")
    );
    // What a person can approve: no variables, no redirections, one command.
    const found = calls.map((call) => /^sh \/etc\/openclaw-git\/repo\.sh ([a-z-]+) [^$`<>|&;\n]*$/.exec(call)?.[1]);
    assert.deepEqual(found, actions);
    for (const call of calls) assert.equal(refusal({ command: call, elevated: true }), undefined, call);
  });
}
