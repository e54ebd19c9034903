import assert from "node:assert/strict";
import { parse } from "yaml";
import { filesOf, modelOf, SSH, textOf } from "../../../support/support.ts";
import { secretKey } from "../../../../src/tables/secrets.ts";

Deno.test("the fake SSM store has a distinct and plainly fake value for every parameter", async () => {
  for (const input of [{}, SSH]) {
    const { data, metadata } = parse(textOf(await filesOf(input), "kustomize/overlays/trial/fake-ssm.yaml"));
    assert.equal(metadata.annotations["config.kubernetes.io/local-config"], "true", "it must never reach a cluster");
    assert.deepEqual(Object.keys(data), (await modelOf(input)).secrets.map(({ name }) => name));
    const values = Object.values<string>(data);
    assert.equal(new Set(values).size, values.length);
    for (const value of values) {
      assert.match(value, /^fake-/);
      // LiteLLM's auth module refuses shorter keys.
      assert.ok(value.length >= 16);
    }
  }
});

Deno.test("no generated file except the fake store contains a secret's value", async () => {
  const store = Object.values<string>(parse(textOf(await filesOf(), "kustomize/overlays/trial/fake-ssm.yaml")).data);
  for (const { path, text } of await filesOf()) {
    if (path.endsWith("/fake-ssm.yaml")) continue;
    for (const value of store) assert.ok(!text.includes(value), path);
    assert.doesNotMatch(text, /sk-ant-[a-z0-9]|ghp_|xox[bp]-|-----BEGIN/i, path);
  }
});

Deno.test("overlays/kind gives each Secret the keys of its ExternalSecret, overlays/kind-eso fills every parameter", async () => {
  const model = await modelOf();
  const files = await filesOf();
  const { replacements } = parse(textOf(files, "kustomize/overlays/kind/kustomization.yaml"));
  for (const { reader, secret } of model.workloads.filter(({ name }) => name !== "cloudflared")) {
    const fields = replacements.flatMap((
      { targets }: { targets: { select: { name: string }; fieldPaths: string[] }[] },
    ) => targets.filter(({ select }) => select.name === secret.name).flatMap(({ fieldPaths }) => fieldPaths));
    assert.deepEqual(fields, reader.reads.map(({ secret: { name } }) => `stringData.${secretKey(name)}`));
  }
  const store = parse(textOf(files, "kustomize/overlays/kind-eso/clustersecretstore-parameterstore.yaml"));
  assert.deepEqual(
    store.spec.provider.fake.data.map(({ key }: { key: string }) => key),
    model.secrets.map(({ parameter }) => parameter),
  );
});

Deno.test("the Application syncs automatically, and its deletion deletes nothing else", async () => {
  const application = parse(textOf(await filesOf(), "kustomize/overlays/prod/application.yaml"));
  assert.equal(application.metadata.finalizers, undefined);
  assert.deepEqual(application.spec.syncPolicy, {
    automated: { prune: true, selfHeal: true },
    syncOptions: ["CreateNamespace=true", "ServerSideApply=true"],
  });
  assert.equal(application.spec.source.path, "argoproj/openclaw/overlays/prod");
  const { resources } = parse(textOf(await filesOf(), "kustomize/overlays/prod/kustomization.yaml"));
  assert.ok(!resources.includes("application.yaml"), "an Application that contains itself is never in sync");
});

Deno.test("the data guard is in prod but not in a trial", async () => {
  const files = await filesOf();
  for (const [kind, name] of [["namespace", "openclaw"], ["persistentvolumeclaim", "openclaw-data"]]) {
    const patch = parse(textOf(files, `kustomize/overlays/prod/patch-${kind}-${name}.yaml`));
    assert.equal(patch.metadata.annotations["argocd.argoproj.io/sync-options"], "Prune=false,Delete=false");
  }
  const ssh = await filesOf(SSH);
  assert.match(textOf(ssh, "kustomize/overlays/prod/patch-persistentvolumeclaim-sandbox-data.yaml"), /Delete=false/);
  const [{ expression }] =
    parse(textOf(ssh, "kustomize/overlays/prod/validatingadmissionpolicy-openclaw-data-guard.yaml")).spec
      .matchConditions;
  for (const name of ["openclaw", "openclaw-data", "openclaw-sandbox", "sandbox-data"]) {
    assert.match(expression, new RegExp(`oldObject\\.metadata\\.name == '${name}'`));
  }
  assert.match(expression, /'persistentvolumes' \? .*'Bound' && .* == 'openclaw' && .* == 'openclaw-data' :/);
  const guards = files.filter(({ path, text }) =>
    path.endsWith(".yaml") && /kind: ValidatingAdmissionPolicy/.test(text)
  );
  assert.deepEqual(
    guards.map(({ path }) => path.split("/").slice(0, 3).join("/")),
    Array(2).fill("kustomize/overlays/prod"),
  );
  // Otherwise `kubectl delete -k` deletes the guard in its first run, and the data in its second.
  for (const { text } of guards) assert.deepEqual(parse(text).metadata.finalizers, ["openclaw-pack/data-guard"]);
});
