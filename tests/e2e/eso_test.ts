/**
 * `overlays/kind-eso` with the real External Secrets Operator (requirement C2). The operator creates the same Secrets as
 * `overlays/kind`, updates them when a parameter changes, and keeps them when a parameter is deleted.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkSecrets } from "../../src/commands/verify/secrets.ts";
import { expectedObjects } from "../../src/commands/verify/expected.ts";
import { tool } from "../support/tools.ts";
import { overlay } from "../support/runtime/objects.ts";
import { type Json, modelOf } from "../support/support.ts";
import { type Cluster, givenOr, startControlPlaneOnly } from "../support/cluster/cluster.ts";
import { EVERY_SECRET } from "../support/cluster/eso_pack.ts";
import {
  externalsOf,
  faultOf,
  forceSync,
  operatorTools,
  startOperator,
  untilFailed,
  untilSynced,
} from "../support/cluster/external_secrets.ts";
import { applyObjects, listOf, packKubectl } from "../support/cluster/kubectl.ts";
import { base64, differences, type Secrets, secretsAmong, secretsIn } from "../support/cluster/secrets.ts";
import { NAMESPACE } from "../support/cluster/trial.ts";

const KIND_ESO = fileURLToPath(new URL("../../kustomize/overlays/kind-eso", import.meta.url));
const runtime = await tool("the External Secrets Operator", operatorTools);

Deno.test({
  name: "the operator creates the Secrets of overlays/kind from overlays/kind-eso, and keeps them in sync",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await givenOr(startControlPlaneOnly);
    const operator = await startOperator(cluster);
    const objects = await overlay("kind-eso");
    const externals = externalsOf(objects);
    const store = objects.find(({ kind }) => kind === "ClusterSecretStore");
    const kind = await dryRunSecrets(cluster, await overlay("kind"));
    const faults = async (should: Secrets) => differences(should, await secretsIn(cluster, [NAMESPACE]));
    const settled = (should: Secrets) =>
      operator.until("the Secrets", async () => {
        const found = await faults(should);
        if (found.length > 0) throw new Error(found.join("; "));
        return true;
      });

    await t.step("one apply creates the Secrets, byte for byte", async () => {
      assert.equal(Object.keys(kind).length, externals.length);
      assert.deepEqual(await faults(kind), Object.keys(kind).map((name) => `${name} is missing`));
      const began = Date.now();
      await cluster.apply(KIND_ESO);
      await untilSynced(operator, cluster, externals);
      assert.deepEqual(await faults(kind), []);
      console.log(`from apply to the Secrets: ${((Date.now() - began) / 1000).toFixed(1)} s`);
    });

    await t.step("the same with every possible secret", async () => {
      const expected = await dryRunSecrets(cluster, await overlay("kind", EVERY_SECRET));
      const objects = await overlay("kind-eso", EVERY_SECRET);
      await applyObjects(cluster, objects);
      await untilSynced(operator, cluster, externalsOf(objects));
      const namespaces = objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
      assert.deepEqual(differences(expected, await secretsIn(cluster, namespaces)), []);
      assert.equal(Object.keys(expected).length, 5);
    });

    // A parameter that the gateway, the key proxy and LiteLLM read.
    const [shared = ""] = keysOf(externals).filter((key, index, all) => all.indexOf(key) !== index);
    await t.step("a changed parameter arrives in each of its Secrets", async () => {
      const value = "fake-value-after-a-change";
      const changed = withValue(kind, externals, shared, value);
      await applyObjects(cluster, [withParameter(store, shared, value)]);
      const late = await faults(changed);
      assert.equal(late.length, 3, "before the refresh interval has passed or a sync is forced");
      for (const external of externals) await forceSync(cluster, external);
      await settled(changed);
      await applyObjects(cluster, [store]);
      for (const external of externals) await forceSync(cluster, external);
      await settled(kind);
    });

    await t.step("a changed parameter arrives without a forced sync once the refresh interval has passed", async () => {
      const often = externals.map((external) => ({ ...external, spec: { ...external.spec, refreshInterval: "1s" } }));
      await applyObjects(cluster, often);
      await untilSynced(operator, cluster, externals);
      const value = "fake-value-without-a-forced-sync";
      await applyObjects(cluster, [withParameter(store, shared, value)]);
      await settled(withValue(kind, externals, shared, value));
      await applyObjects(cluster, [store]);
      await settled(kind);
      await applyObjects(cluster, externals);
      // Otherwise the change in the next step would reach all of them.
      await untilSynced(operator, cluster, externals);
    });

    await t.step(
      "a deleted parameter leaves the Secret unchanged, and the ExternalSecret reports the error",
      async () => {
        const [external] = externals;
        const key = external.spec.data.at(-1).remoteRef.key;
        await applyObjects(cluster, [withParameter(store, key, undefined)]);
        await forceSync(cluster, external);
        await untilFailed(
          operator,
          cluster,
          external,
          new RegExp(`^error processing spec\\.data\\[\\d+\\] \\(key: ${key}\\)`),
        );
        // In this version the condition does not name the parameter; the event does.
        assert.equal(await faultOf(cluster, external), "SecretSyncedError: could not get secret data from provider");
        assert.deepEqual(await faults(kind), []);
        const reason = `not ready: SecretSyncedError could not get secret data from provider (${key})`;
        assert.deepEqual(await verifyFailures(cluster), [`externalsecret ${external.metadata.name}: ${reason}`]);
        await applyObjects(cluster, [store]);
        await forceSync(cluster, external);
        await untilSynced(operator, cluster, externals);
        assert.deepEqual(await verifyFailures(cluster), []);
      },
    );

    await t.step(
      "control: an ExternalSecret that lacks a key, has the wrong parameter, or asks for a property",
      async () => {
        const [external] = externals;
        const [first, second] = external.spec.data;
        const of = (data: Json[]) => ({ ...external, spec: { ...external.spec, data } });
        const name = `${NAMESPACE}/${external.spec.target.name}`;
        const others = external.spec.data.slice(1);
        const crossed = { ...first, remoteRef: { ...first.remoteRef, key: second.remoteRef.key } };
        const cases = [[others, `${name} lacks ${first.secretKey}`], [
          [crossed, ...others],
          `${name} has a different ${first.secretKey}`,
        ]] as const;
        for (const [data, fault] of cases) {
          await applyObjects(cluster, [of([...data])]);
          await untilSynced(operator, cluster, externals);
          assert.deepEqual(await faults(kind), [fault]);
        }
        await applyObjects(cluster, [external]);
        await settled(kind);

        const property = { ...first, remoteRef: { ...first.remoteRef, property: "value" } };
        await applyObjects(cluster, [of([property, ...others])]);
        await untilFailed(operator, cluster, external, new RegExp(`\\(key: ${first.remoteRef.key}\\)`));
        await cluster.run(["delete", "secret", external.spec.target.name, `--namespace=${NAMESPACE}`]);
        assert.deepEqual(await faults(kind), [`${name} is missing`]);
        await applyObjects(cluster, [external]);
        await settled(kind);
      },
    );

    await t.step("a Secret that was deleted or edited is restored immediately", async () => {
      for (const { spec: { target: { name } } } of externals) {
        await cluster.run(["delete", "secret", name, `--namespace=${NAMESPACE}`]);
        await settled(kind);
        const patch = JSON.stringify({ stringData: { EVERYTHING: "fake" } });
        await cluster.run(["patch", "secret", name, `--namespace=${NAMESPACE}`, "--patch", patch]);
        await settled(kind);
      }
    });
  },
});

/** Returns the Secrets among the objects of `overlays/kind` as the API server would store them. Creates their namespaces. */
async function dryRunSecrets(cluster: Cluster, objects: readonly Json[]): Promise<Secrets> {
  const [namespaces, items] = ["Namespace", "Secret"].map((kind) => objects.filter((object) => object.kind === kind));
  await applyObjects(cluster, namespaces ?? []);
  const answer = await cluster.run(["apply", "--dry-run=server", "--output=json", "-f", "-"], {
    stdin: listOf(items ?? []),
  });
  return secretsAmong(JSON.parse(answer).items);
}

/** Returns the failures that `deno task verify` reports about the Secrets. */
async function verifyFailures(cluster: Cluster): Promise<string[]> {
  const [model, kubectl] = [await modelOf(), await packKubectl(cluster)];
  const results = await checkSecrets(kubectl, model, await expectedObjects(kubectl, model, "kind-eso"));
  return results.filter(({ status }) => status !== "pass").map((row) => `${row.check} ${row.subject}: ${row.reason}`);
}

/** Returns the parameters that ExternalSecrets ask for, with duplicates. */
function keysOf(externals: readonly Json[]): string[] {
  return externals.flatMap(({ spec }) => spec.data.map(({ remoteRef }: Json) => remoteRef.key));
}

/** Returns the fake store with another value for a parameter, or without the parameter. */
function withParameter(store: Json, parameter: string, value: string | undefined): Json {
  const changed = structuredClone(store);
  const { fake } = changed.spec.provider;
  assert.ok(fake.data.some(({ key }: Json) => key === parameter), parameter);
  fake.data = fake.data.flatMap((row: Json) =>
    row.key !== parameter ? [row] : value === undefined ? [] : [{ ...row, value }]
  );
  return changed;
}

/** Returns the Secrets with another value of a parameter, in every key that reads it. */
function withValue(secrets: Secrets, externals: readonly Json[], parameter: string, value: string): Secrets {
  const changed = structuredClone(secrets) as Record<string, { type: string; data: Record<string, string> }>;
  for (const { metadata: { namespace }, spec } of externals) {
    for (const { secretKey, remoteRef } of spec.data) {
      const secret = changed[`${namespace}/${spec.target.name}`];
      assert.ok(secret);
      if (remoteRef.key === parameter) secret.data[secretKey] = base64(value);
    }
  }
  return changed;
}
