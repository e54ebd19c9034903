import assert from "node:assert/strict";
import { AQUA, IMAGES, PLUGINS, PROVIDERS, TOOLS } from "../../../src/tables/pins.ts";
import { imageVersion } from "../../../src/values/image_reference.ts";
import { DUMMY_VALUE } from "../../../src/values/secret_format.ts";

/** Returns every version in a file that Renovate finds by the project's rule. */
async function pinsIn(file: string): Promise<Record<string, string | undefined>[]> {
  const { customManagers: [manager] } = JSON.parse(await Deno.readTextFile("renovate.json"));
  const files: string[] = manager.managerFilePatterns;
  assert.ok(files.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)), `${file} is not matched`);
  const text = await Deno.readTextFile(file);
  return [...text.matchAll(new RegExp(manager.matchStrings[0], "g"))].map(({ groups }) => groups ?? {});
}

Deno.test("Renovate finds every pinned version with its source", async () => {
  const found = await pinsIn("src/tables/pins.ts");
  const values = (datasource: string) =>
    found.filter((pin) => pin.datasource === datasource).map(({ currentValue }) => currentValue);
  const images = Object.values(IMAGES).map((image) => image.match(/^(.*?):([^:@]+)@(.*)$/)?.slice(1));
  assert.deepEqual(
    found.filter(({ datasource }) => datasource === "docker").map(({ depName, currentValue, currentDigest }) => [
      depName,
      currentValue,
      currentDigest,
    ]),
    images,
  );
  assert.deepEqual(values("github-releases"), [TOOLS.gh.version, ...Object.values(AQUA)]);
  assert.deepEqual(values("npm"), [TOOLS.codex.version, PLUGINS.discord.version]);
  // The other constraints are ranges.
  assert.deepEqual(values("terraform-provider"), [PROVIDERS.random]);
});

Deno.test("the Discord plugin is pinned at the version of OpenClaw's image", () => {
  assert.equal(
    PLUGINS.discord.version,
    imageVersion(IMAGES.openclaw),
    "update its integrity too: npm view @openclaw/discord@VERSION dist.integrity",
  );
});

Deno.test("every version in the table of pins has a line for Renovate", async () => {
  for (const file of ["src/tables/pins.ts", "tests/support/tools.ts"]) {
    const found = (await pinsIn(file)).map(({ currentValue }) => currentValue);
    const text = await Deno.readTextFile(file);
    const exact = [...text.matchAll(/^ +\w+:\s+"[^"]*?v?(\d+\.\d+\.\d+[^"@]*)/gm)].map(([, version]) => version);
    assert.ok(exact.length > 3);
    assert.deepEqual(exact.filter((version) => !found.some((pin) => pin?.endsWith(version ?? ""))), [], file);
  }
});

Deno.test("LiteLLM's auth module refuses the placeholder that Terraform writes", async () => {
  const module = await Deno.readTextFile("src/generate/litellm/custom_auth.py");
  assert.ok(module.includes(`TERRAFORM_DUMMY = "${DUMMY_VALUE}"`));
});

Deno.test("the workflows install the pinned Terraform", async () => {
  for (const workflow of ["integration", "e2e"]) {
    const text = await Deno.readTextFile(`.github/workflows/${workflow}.yml`);
    const [, version] = text.match(/^ +terraform_version: (\S+)$/m) ?? [];
    assert.equal(`v${version}`, AQUA.terraform, workflow);
  }
});
