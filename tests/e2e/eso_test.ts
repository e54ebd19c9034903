/**
 * `overlays/kind-eso` with the real External Secrets Operator (requirement C2): it makes the very Secrets of `overlays/kind`, follows a
 * parameter that changes, and keeps what it has when one is gone.
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
  operatorParts,
  startOperator,
  untilFailed,
  untilSynced,
} from "../support/cluster/external_secrets.ts";
import { applyObjects, listOf, packKubectl } from "../support/cluster/kubectl.ts";
import { base64, differences, type Secrets, secretsAmong, secretsIn } from "../support/cluster/secrets.ts";
import { NAMESPACE } from "../support/cluster/trial.ts";

const KIND_ESO = fileURLToPath(new URL("../../kustomize/overlays/kind-eso", import.meta.url));
const parts = await tool("the External Secrets Operator", operatorParts);

Deno.test({
  name: "the operator makes of overlays/kind-eso the Secrets of overlays/kind, and keeps them so",
  ignore: parts.ignore,
  fn: async (t) => {
    await using cluster = await givenOr(startControlPlaneOnly);
    const operator = await startOperator(cluster);
    const objects = await overlay("kind-eso");
    const externals = externalsOf(objects);
    const store = objects.find(({ kind }) => kind === "ClusterSecretStore");
    const kind = await heldOf(cluster, await overlay("kind"));
    const faults = async (should: Secrets) => differences(should, await secretsIn(cluster, [NAMESPACE]));
    const settled = (should: Secrets) =>
      operator.until("the Secrets", async () => {
        const found = await faults(should);
        if (found.length > 0) throw new Error(found.join("; "));
        return true;
      });

    await t.step("one apply, and the Secrets are there, byte for byte", async () => {
      assert.equal(Object.keys(kind).length, externals.length);
      assert.deepEqual(await faults(kind), Object.keys(kind).map((name) => `${name} is missing`));
      const began = Date.now();
      await cluster.apply(KIND_ESO);
      await untilSynced(operator, cluster, externals);
      assert.deepEqual(await faults(kind), []);
      console.log(`from apply to the Secrets: ${((Date.now() - began) / 1000).toFixed(1)} s`);
    });

    await t.step("likewise with every secret that there is", async () => {
      const held = await heldOf(cluster, await overlay("kind", EVERY_SECRET));
      const objects = await overlay("kind-eso", EVERY_SECRET);
      await applyObjects(cluster, objects);
      await untilSynced(operator, cluster, externalsOf(objects));
      const namespaces = objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
      assert.deepEqual(differences(held, await secretsIn(cluster, namespaces)), []);
      assert.equal(Object.keys(held).length, 5);
    });

    // A parameter that the gateway, the key proxy and LiteLLM read.
    const [shared = ""] = keysOf(externals).filter((key, index, all) => all.indexOf(key) !== index);
    await t.step("a parameter that changes arrives in each of its Secrets", async () => {
      const value = "fake-value-that-somebody-changed";
      const changed = withValue(kind, externals, shared, value);
      await applyObjects(cluster, [withParameter(store, shared, value)]);
      const late = await faults(changed);
      assert.equal(late.length, 3, "before the refresh interval is over or somebody forces it");
      for (const external of externals) await forceSync(cluster, external);
      await settled(changed);
      await applyObjects(cluster, [store]);
      for (const external of externals) await forceSync(cluster, external);
      await settled(kind);
    });

    await t.step("and by itself, once the refresh interval is over", async () => {
      const often = externals.map((external) => ({ ...external, spec: { ...external.spec, refreshInterval: "1s" } }));
      await applyObjects(cluster, often);
      await untilSynced(operator, cluster, externals);
      const value = "fake-value-that-nobody-forced";
      await applyObjects(cluster, [withParameter(store, shared, value)]);
      await settled(withValue(kind, externals, shared, value));
      await applyObjects(cluster, [store]);
      await settled(kind);
      await applyObjects(cluster, externals);
      // Or the next step's change would reach all of them.
      await untilSynced(operator, cluster, externals);
    });

    await t.step("a parameter that is gone leaves the Secret as it is, and the ExternalSecret tells", async () => {
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
      // The condition of this version says only that much; the event names the parameter.
      assert.equal(await faultOf(cluster, external), "SecretSyncedError: could not get secret data from provider");
      assert.deepEqual(await faults(kind), []);
      const reason = `not ready: SecretSyncedError could not get secret data from provider (${key})`;
      assert.deepEqual(await verified(cluster), [`externalsecret ${external.metadata.name}: ${reason}`]);
      await applyObjects(cluster, [store]);
      await forceSync(cluster, external);
      await untilSynced(operator, cluster, externals);
      assert.deepEqual(await verified(cluster), []);
    });

    await t.step("seen red: an ExternalSecret with a key too few, with another's, with a property", async () => {
      const [external] = externals;
      const [first, second] = external.spec.data;
      const of = (data: Json[]) => ({ ...external, spec: { ...external.spec, data } });
      const name = `${NAMESPACE}/${external.spec.target.name}`;
      const others = external.spec.data.slice(1);
      const crossed = { ...first, remoteRef: { ...first.remoteRef, key: second.remoteRef.key } };
      const cases = [[others, `${name} lacks ${first.secretKey}`], [
        [crossed, ...others],
        `${name} has another ${first.secretKey}`,
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
    });

    await t.step("a Secret that somebody deletes or edits is set right at once", async () => {
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

/** The Secrets among the objects of `overlays/kind`, as the API server would hold them; it gets their namespaces. */
async function heldOf(cluster: Cluster, objects: readonly Json[]): Promise<Secrets> {
  const [namespaces, items] = ["Namespace", "Secret"].map((kind) => objects.filter((object) => object.kind === kind));
  await applyObjects(cluster, namespaces ?? []);
  const answer = await cluster.run(["apply", "--dry-run=server", "--output=json", "-f", "-"], {
    stdin: listOf(items ?? []),
  });
  return secretsAmong(JSON.parse(answer).items);
}

/** What `deno task verify` has to say against the Secrets. */
async function verified(cluster: Cluster): Promise<string[]> {
  const [model, kubectl] = [await modelOf(), await packKubectl(cluster)];
  const results = await checkSecrets(kubectl, model, await expectedObjects(kubectl, model, "kind-eso"));
  return results.filter(({ status }) => status !== "pass").map((row) => `${row.check} ${row.subject}: ${row.reason}`);
}

/** Every parameter that ExternalSecrets ask for, as often as they do. */
function keysOf(externals: readonly Json[]): string[] {
  return externals.flatMap(({ spec }) => spec.data.map(({ remoteRef }: Json) => remoteRef.key));
}

/** The fake store with another value for a parameter, or without it. */
function withParameter(store: Json, parameter: string, value: string | undefined): Json {
  const changed = structuredClone(store);
  const { fake } = changed.spec.provider;
  assert.ok(fake.data.some(({ key }: Json) => key === parameter), parameter);
  fake.data = fake.data.flatMap((row: Json) =>
    row.key !== parameter ? [row] : value === undefined ? [] : [{ ...row, value }]
  );
  return changed;
}

/** The Secrets with another value of a parameter, wherever it is asked for. */
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
