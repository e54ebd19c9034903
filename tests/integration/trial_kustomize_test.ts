import assert from "node:assert/strict";
import { join } from "node:path";
import { parseOverlay, TRIAL_OVERLAY } from "../../src/commands/trial/overlay.ts";
import { ownOverlay } from "../../src/commands/trial/user_overlay.ts";
import { objectsOf } from "../unit/generate/kubernetes/validate.ts";
import { filesOf, modelOf, objectOf } from "../support/support.ts";
import { tempDir } from "../support/temp_dir.ts";
import { trialOverlay } from "../unit/commands/trial/trial_objects.ts";
import { onPath, runOrThrow, tool } from "../support/tools.ts";

const kubectl = await tool("kubectl", () => onPath("kubectl"));

async function rendered(folder: string): Promise<string> {
  return (await runOrThrow(kubectl.value, ["kustomize", folder])).stdout;
}

Deno.test({
  name: "kustomize: a trial reads its own objects from the rendered overlay",
  ignore: kubectl.ignore,
  fn: async () => assert.deepEqual(parseOverlay(TRIAL_OVERLAY, await rendered(TRIAL_OVERLAY)), await byName()),
});

/** The result of the tests' own rendering, in kustomize's order. */
async function byName() {
  const { workloads, secrets, ...overlay } = await trialOverlay();
  return {
    ...overlay,
    workloads: workloads.toSorted((a, b) => a.name.localeCompare(b.name)),
    secrets: secrets.toSorted((a, b) => a.workload.name.localeCompare(b.workload.name)),
  };
}

Deno.test({
  name: "kustomize: the overlay of trial init changes nothing until a line is filled in, and then only its value",
  ignore: kubectl.ignore,
  fn: async () => {
    await using dir = await tempDir();
    for (const { path, text } of [...await filesOf(), ...ownOverlay(await modelOf())]) {
      if (path.startsWith("kustomize/")) await dir.write(path, text);
    }
    const mine = join(dir.path, "kustomize/overlays/mine");
    assert.equal(await rendered(mine), await rendered(join(dir.path, TRIAL_OVERLAY)));

    const path = "kustomize/overlays/mine/kustomization.yaml";
    const filled = (await dir.read(path)).replaceAll(/# (- \{ op: add, path: (\S+), value: ).*/g, '$1"of $2" }');
    await dir.write(path, filled);
    const objects = objectsOf(await rendered(mine));
    const value = (kind: string, name: string) => objectOf(objects, kind, name);
    for (const [secret, key] of [["key-proxy", "ANTHROPIC_API_KEY"], ["openclaw", "GITHUB_TOKEN"]] as const) {
      const { stringData } = value("Secret", `${secret}-credentials`);
      assert.equal(stringData[key], `of /stringData/${key}`);
    }
    const { spec } = value("PersistentVolumeClaim", "openclaw-data");
    assert.equal(spec.storageClassName, "of /spec/storageClassName");
  },
});
