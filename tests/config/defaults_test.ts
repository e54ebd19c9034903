import assert from "node:assert/strict";
import { AQUA, IMAGES, TOOLS } from "../../src/config/defaults.ts";
import { DUMMY_VALUE } from "../../src/terraform/aws.ts";

Deno.test("Renovate finds every pin, with what it is a pin of", async () => {
  const { customManagers: [manager] } = JSON.parse(await Deno.readTextFile("renovate.json"));
  const text = await Deno.readTextFile("src/config/defaults.ts");
  const found = [...text.matchAll(new RegExp(manager.matchStrings[0], "g"))].map(({ groups }) => groups ?? {});
  const images = Object.values(IMAGES).map((image) => image.match(/^(.*?):([^:@]+)@(.*)$/)?.slice(1));
  assert.deepEqual(
    found.filter(({ datasource }) => datasource === "docker").map(({ depName, currentValue, currentDigest }) => [
      depName,
      currentValue,
      currentDigest,
    ]),
    images,
  );
  assert.deepEqual(
    found.filter(({ datasource }) => datasource === "github-releases").map(({ currentValue }) => currentValue),
    [TOOLS.gh.version, ...Object.values(AQUA)],
  );
  assert.deepEqual(
    found.filter(({ datasource }) => datasource === "npm").map(({ depName, currentValue }) => [depName, currentValue]),
    [["@openai/codex", TOOLS.codex.version]],
  );
});

Deno.test("LiteLLM's auth module refuses the very dummy that Terraform writes", async () => {
  const module = await Deno.readTextFile("src/litellm/custom_auth.py");
  assert.ok(module.includes(`TERRAFORM_DUMMY = "${DUMMY_VALUE}"`));
});
