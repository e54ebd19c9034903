import assert from "node:assert/strict";
import { PLUGINS, TOOLS } from "../../../../src/tables/pins.ts";
import { pluginsTable, toolsTable } from "../../../../src/generate/openclaw/tools.ts";
import { modelOf } from "../../../support/support.ts";

const rowsOf = (text: string) =>
  text.split("\n").filter((line) => /^(codex|gh) /.test(line)).map((row) => row.split(" "));

Deno.test("each tool has a row for each architecture, with its own checksum", async () => {
  const rows = rowsOf(toolsTable((await modelOf()).config));
  assert.deepEqual(rows.map(([name, , architecture, checksum]) => [name, architecture, checksum]), [
    ["codex", "amd64", TOOLS.codex.amd64],
    ["gh", "amd64", TOOLS.gh.amd64],
    ["codex", "arm64", TOOLS.codex.arm64],
    ["gh", "arm64", TOOLS.gh.arm64],
  ]);
  for (const row of rows) {
    assert.equal(row.length, 6);
    const [name, version = "", architecture = "", , source = "", program = ""] = row;
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.ok(source.includes(version), source);
    assert.ok((name === "codex" ? source.replace("x64", "amd64") : source).includes(architecture), source);
    assert.ok(program.endsWith(`/bin/${name}`), program);
  }
});

Deno.test("a version from pack.yaml is used in every part of its row", async () => {
  const [amd64, arm64] = ["0a".repeat(32), "0b".repeat(32)];
  const { config } = await modelOf({ tools: { gh: { version: "v2.103.3", amd64, arm64 } } });
  assert.deepEqual(rowsOf(toolsTable(config)).filter(([name]) => name === "gh"), [
    [
      "gh",
      "2.103.3",
      "amd64",
      amd64,
      "https://github.com/cli/cli/releases/download/v2.103.3/gh_2.103.3_linux_amd64.tar.gz",
      "gh_2.103.3_linux_amd64/bin/gh",
    ],
    [
      "gh",
      "2.103.3",
      "arm64",
      arm64,
      "https://github.com/cli/cli/releases/download/v2.103.3/gh_2.103.3_linux_arm64.tar.gz",
      "gh_2.103.3_linux_arm64/bin/gh",
    ],
  ]);
});

Deno.test("the Discord plugin has one row, at the version of the image and with its integrity", async () => {
  const rowOf = async (input = {}) => pluginsTable((await modelOf(input)).config).split("\n").slice(1).join("\n");
  assert.equal(
    await rowOf(),
    `discord 2026.9.4 any ${PLUGINS.discord.integrity} npm:@openclaw/discord/-/discord-2026.9.4.tgz -\n`,
  );
  const pluginIntegrity = `sha512-${"A".repeat(86)}==`;
  assert.equal(
    await rowOf({ images: { openclaw: "a/openclaw:v2026.9.3" }, discord: { pluginIntegrity } }),
    `discord 2026.9.3 any ${pluginIntegrity} npm:@openclaw/discord/-/discord-2026.9.3.tgz -\n`,
  );
});
