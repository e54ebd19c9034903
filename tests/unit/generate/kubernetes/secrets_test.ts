import assert from "node:assert/strict";
import { baseObjects, filesOf, type Json, jsonOf, S3, SSH, textOf } from "../../../support/support.ts";
import { containersOf, secretUses } from "./secret_uses.ts";

/** The keys that each workload may read, by Secret. */
const READERS = {
  "cloudflared-credentials": ["TUNNEL_TOKEN"],
  "openclaw-credentials": [
    "DISCORD_BOT_TOKEN",
    "OPENCLAW_GATEWAY_TOKEN",
    "LITELLM_PROXY_KEY",
    "GITHUB_TOKEN",
    "OPENAI_API_KEY",
  ],
  "litellm-credentials": ["LITELLM_MASTER_KEY", "LITELLM_PROXY_KEY"],
  "key-proxy-credentials": ["ANTHROPIC_API_KEY", "LITELLM_PROXY_KEY"],
};

Deno.test("each Secret has one reader and only the keys that it uses", async () => {
  for (const input of [{}, SSH, S3]) {
    const objects = baseObjects(await filesOf(input));
    const made = Object.fromEntries(
      objects.filter(({ kind }) => kind === "ExternalSecret").map(({ spec }) => [
        spec.target.name,
        spec.data.map((row: Json) => row.secretKey),
      ]),
    );
    // The backup has no Secret unless it copies to S3.
    const read = objects.filter(({ kind }) => kind === "Deployment" || kind === "CronJob" && input === S3).map(
      secretUses,
    );
    const counts = objects.flatMap(containersOf).map((container) => Object.keys(secretUses(container)).length);
    assert.ok(counts.includes(1) && Math.max(...counts) === 1, "at most one Secret per container");
    assert.deepEqual(
      Object.assign({}, ...read),
      Object.fromEntries(Object.entries(made).map(([name, keys]) => [name, (keys as string[]).toSorted()])),
    );
  }
});

Deno.test("only the key proxy has the Anthropic key, only LiteLLM the master key, only cloudflared the tunnel's token", async () => {
  const made = baseObjects(await filesOf()).filter(({ kind }) => kind === "ExternalSecret");
  assert.deepEqual(
    Object.fromEntries(made.map(({ spec }) => [spec.target.name, spec.data.map((row: Json) => row.secretKey)])),
    READERS,
  );
});

Deno.test("ExternalSecrets contain the API server's defaults, and no unknown fields", async () => {
  for (const { spec } of baseObjects(await filesOf()).filter(({ kind }) => kind === "ExternalSecret")) {
    assert.equal(spec.target.creationPolicy, "Owner");
    assert.equal(spec.target.deletionPolicy, "Retain");
    assert.deepEqual(spec.secretStoreRef, { kind: "ClusterSecretStore", name: "parameterstore" });
    for (const { remoteRef } of spec.data) {
      const { key, ...rest } = remoteRef;
      assert.match(key, /^\/lolice\/openclaw\//);
      assert.deepEqual(rest, { conversionStrategy: "Default", decodingStrategy: "None", metadataPolicy: "None" });
    }
  }
});

Deno.test("one row in pack.yaml adds the parameter, ExternalSecret, variable, fake value and policy", async () => {
  const files = await filesOf({
    secrets: [{ name: "GRAFANA_API_KEY", description: "Grafana, read only" }],
    flows: [{ to: { namespace: "monitoring", name: "grafana" }, port: 3000, why: "reads dashboards" }],
  });
  const { resource } = jsonOf(files, "terraform/aws/openclaw/ssm.tf.json");
  assert.equal(resource.aws_ssm_parameter.grafana_api_key.name, "/lolice/openclaw/GRAFANA_API_KEY");
  assert.match(
    textOf(files, "kustomize/base/externalsecret-openclaw-es.yaml"),
    /key: \/lolice\/openclaw\/GRAFANA_API_KEY/,
  );
  assert.match(textOf(files, "kustomize/base/deployment-openclaw.yaml"), /- name: GRAFANA_API_KEY\n/);
  assert.match(textOf(files, "kustomize/overlays/trial/fake-ssm.yaml"), /^ {2}GRAFANA_API_KEY: fake-/m);
  assert.match(textOf(files, "kustomize/overlays/kind/kustomization.yaml"), /stringData\.GRAFANA_API_KEY/);
  assert.match(
    textOf(files, "kustomize/base/networkpolicy-openclaw-network.yaml"),
    /# reads dashboards\n[^#]*name: monitoring\n[^#]*name: grafana\n[^#]*protocol: TCP\n\s*port: 3000\n/,
  );
  for (const path of ["deployment-litellm", "networkpolicy-litellm-network"]) {
    assert.doesNotMatch(textOf(files, `kustomize/base/${path}.yaml`), /grafana/i);
  }
});
