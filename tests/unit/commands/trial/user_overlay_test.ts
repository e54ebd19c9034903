import assert from "node:assert/strict";
import { ownOverlay } from "../../../../src/commands/trial/user_overlay.ts";
import { parse } from "yaml";
import type { PackInput } from "openclaw-pack";
import { modelOf, SSH } from "../../../support/support.ts";

async function kustomization(input: PackInput = {}): Promise<string> {
  const file = ownOverlay(await modelOf(input)).find(({ path }) => path.endsWith("/kustomization.yaml"));
  return file?.text ?? "";
}

/** Returns the operations of each patch, by its target. */
function operations(text: string): Map<string, { op: string; path: string; value: unknown }[]> {
  const { patches } = parse(text) as { patches: { target: { kind: string; name: string }; patch: string }[] };
  return new Map(patches.map(({ target, patch }) => [`${target.kind}/${target.name}`, parse(patch)]));
}

const uncommented = (text: string) => text.replaceAll("# - { op: add", "- { op: add");

Deno.test("git ignores the folder", async () => {
  const files = ownOverlay(await modelOf());
  assert.deepEqual(files.map(({ path, text }) => [path, text.length > 2 || text]), [
    ["kustomize/overlays/mine/.gitignore", "*\n"],
    ["kustomize/overlays/mine/kustomization.yaml", true],
  ]);
});

Deno.test("the new overlay changes nothing, and every line can be uncommented", async () => {
  const text = await kustomization();
  for (const [target, ops] of operations(text)) assert.deepEqual(ops.map(({ op }) => op), ["test"], target);
  const named = [...operations(uncommented(text))].map((
    [target, ops],
  ) => [target, ...ops.slice(1).map((op) => op.path)]);
  assert.deepEqual(named, [
    [
      "Secret/openclaw-credentials",
      ...["OPENCLAW_GATEWAY_TOKEN", "GITHUB_TOKEN", "OPENAI_API_KEY"].map((key) => `/stringData/${key}`),
    ],
    ["Secret/litellm-credentials", "/stringData/LITELLM_MASTER_KEY"],
    ["Secret/key-proxy-credentials", "/stringData/ANTHROPIC_API_KEY"],
    ["PersistentVolumeClaim/openclaw-data", "/spec/storageClassName"],
    ["PersistentVolumeClaim/openclaw-workspace", "/spec/storageClassName"],
    ["PersistentVolumeClaim/openclaw-backups", "/spec/storageClassName"],
  ]);
});

Deno.test("secrets of pack.yaml and of the ssh sandbox have lines", async () => {
  const text = await kustomization({
    ...SSH,
    secrets: [{ name: "GRAFANA_API_KEY", description: "Grafana, read only" }],
  });
  const ops = operations(uncommented(text));
  assert.ok(ops.get("Secret/openclaw-credentials")?.some(({ path }) => path === "/stringData/GRAFANA_API_KEY"));
  assert.ok(ops.get("Secret/sandbox-credentials")?.some(({ path }) => path === "/stringData/SANDBOX_SSH_HOST_KEY"));
  assert.deepEqual(ops.get("PersistentVolumeClaim/sandbox-data")?.at(-1)?.path, "/spec/storageClassName");
  assert.match(text, /# Grafana, read only\n/);
});
