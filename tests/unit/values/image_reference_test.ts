import assert from "node:assert/strict";
import { imageTag, imageVersion } from "../../../src/values/image_reference.ts";

Deno.test("the tag is between the name and the digest", () => {
  const cases: [reference: string, tag: string, version: string][] = [
    ["docker:29.7.2-dind", "29.7.2-dind", "29.7.2-dind"],
    ["ghcr.io/berriai/litellm:v1.104.2@sha256:3d88", "v1.104.2", "1.104.2"],
    ["localhost:5000/a/vault:1.2.3", "1.2.3", "1.2.3"],
  ];
  for (const [reference, tag, version] of cases) {
    assert.equal(imageTag(reference), tag);
    assert.equal(imageVersion(reference), version);
  }
});
