/**
 * kubectl's kustomize builds every overlay, and the result matches the schemas of Kubernetes, External Secrets and Argo CD.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { applyWrite, generate, planWrite, readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { packInput } from "../support/arbitraries.ts";
import { validateAll } from "../unit/generate/kubernetes/validate.ts";
import { exec, onPath, tool } from "../support/tools.ts";

const OVERLAYS = ["prod", "kind", "kind-eso"];

const kubectl = await tool("kubectl", () => onPath("kubectl"));

for (const overlay of OVERLAYS) {
  Deno.test({
    name: `kubectl kustomize builds overlays/${overlay} without warnings`,
    ignore: kubectl.ignore,
    fn: async () => {
      const text = await build("kustomize", overlay);
      assert.deepEqual(validateAll(text), []);
    },
  });
}

Deno.test({
  name: "kubectl kustomize builds the overlays of any valid configuration",
  ignore: kubectl.ignore,
  fn: () =>
    fc.assert(
      fc.asyncProperty(packInput, async (input) => {
        const out = await Deno.makeTempDir();
        try {
          applyWrite(out, await planWrite(out, await generate(readPack(stringify(input)).config)));
          for (const overlay of OVERLAYS) {
            assert.deepEqual(validateAll(await build(join(out, "kustomize"), overlay)), []);
          }
        } finally {
          await Deno.remove(out, { recursive: true });
        }
      }),
      { numRuns: 12 },
    ),
});

Deno.test({
  name: "kubectl kustomize fails if a file of the base is missing or a patch has no target",
  ignore: kubectl.ignore,
  fn: async () => {
    const files = await generate(readPack("").config);
    const broken = {
      missing: files.filter(({ path }) => path !== "kustomize/base/service-litellm.yaml"),
      unhit: files.map((file) =>
        file.path === "kustomize/overlays/trial/patch-deployment-cloudflared.yaml"
          ? { ...file, text: file.text.replace("name: cloudflared", "name: nobody") }
          : file
      ),
    };
    for (const [what, wrong] of Object.entries(broken)) {
      const out = await Deno.makeTempDir();
      applyWrite(out, await planWrite(out, wrong));
      const { code } = await exec(kubectl.value, ["kustomize", join(out, "kustomize/overlays/kind")]);
      assert.notEqual(code, 0, what);
      await Deno.remove(out, { recursive: true });
    }
  },
});

async function build(folder: string, overlay: string): Promise<string> {
  const { code, stdout, stderr } = await exec(kubectl.value, ["kustomize", join(folder, "overlays", overlay)]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return stdout;
}
