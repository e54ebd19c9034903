/**
 * The way of a secret across both repositories (requirement D3), run: Terraform plans the parameters, somebody gives them values, the real
 * External Secrets Operator reads them by its aws provider (moto in SSM's place), and the pods find what they name. The providers
 * are stand-ins (../terraform/standin.ts), so the plan is what is generated and not what AWS makes of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { PackInput } from "openclaw-pack";
import { namespacesOf } from "../../src/model/model.ts";
import { aws, tool } from "../support/tools.ts";
import { withContainer } from "../support/runtime/objects.ts";
import type { Json } from "../support/support.ts";
import { type Files, jsonOf } from "../support/terraform/directories.ts";
import { edited } from "../support/terraform/faults.ts";
import { usedBy } from "../support/terraform/schemas.ts";
import { terraform } from "../support/terraform/standin.ts";
import type { Cluster } from "../support/cluster/cluster.ts";
import {
  apart,
  EVERY_SECRET,
  expected,
  keysIn,
  keysThatPodsRead,
  packOf,
  parametersOf,
  plannedParameters,
  unread,
  valueOf,
} from "../support/cluster/eso_pack.ts";
import { startWithSsm } from "../support/cluster/eso_ssm.ts";
import {
  externalsOf,
  forceSync,
  operatorParts,
  untilFailed,
  untilSynced,
} from "../support/cluster/external_secrets.ts";
import { applyObjects } from "../support/cluster/kubectl.ts";
import { added } from "../support/cluster/leftovers.ts";
import { differences, secretsIn } from "../support/cluster/secrets.ts";

/** A namespace and a prefix of its own for each, so that all can stand in one cluster and one store. */
const VARIANTS: readonly { readonly name: string; readonly input?: PackInput }[] = [
  { name: "the committed pack.yaml" },
  { name: "every secret that there is", input: EVERY_SECRET },
  { name: "without Discord", input: { ...apart("quiet"), discord: { enabled: false } } },
];

const parts = await tool("the External Secrets Operator with moto and Terraform", async () => {
  const all = await Promise.all(VARIANTS.map(async ({ input }) => [...(await packOf(input)).directories.values()]));
  await operatorParts();
  return {
    moto: await aws(),
    terraform: await terraform(usedBy(all.flat().flatMap(jsonOf))),
  };
});

Deno.test({
  name: "every parameter that Terraform plans arrives where it is read, and nowhere else",
  ignore: parts.ignore,
  fn: async (t) => {
    await using ssm = await startWithSsm(parts.value.moto);
    const { cluster, store, operator } = ssm;

    for (const { name, input } of VARIANTS) {
      await t.step(name, async () => {
        const { model, directories, objects } = await packOf(input);
        const planned = await plannedParameters(parts.value.terraform, directories);
        assert.deepEqual(planned.map((row) => row.name).toSorted(), parametersOf(model).toSorted());
        for (const row of planned) await store.put(row.name, row.type, valueOf(row.name));
        const before = store.asked.length;
        await ssm.deploy(model, input === undefined ? "kustomize/overlays/prod" : objects);
        await untilSynced(operator, cluster, externalsOf(objects));

        assert.deepEqual(await drifting(cluster, externalsOf(objects)), []);
        const secrets = await secretsIn(cluster, namespacesOf(model));
        assert.deepEqual(differences(expected(model), secrets), []);
        assert.deepEqual(keysIn(secrets), keysThatPodsRead(objects));
        // What nobody reads is not even asked for.
        const asked = store.asked.slice(before);
        assert.deepEqual(
          [...new Set(asked.map(({ parameter }) => parameter))].toSorted(),
          parametersOf(model).filter((parameter) => !unread(model).includes(parameter)).toSorted(),
        );
        console.log(`${name}: ${planned.length} parameters, ${Object.keys(secrets).length} Secrets`);
      });
    }

    await t.step("the operator asks SSM for nothing but parameters by their names", () => {
      assert.deepEqual([...new Set(store.asked.map(({ action }) => action))], ["AmazonSSM.GetParameter"]);
    });

    const { model, directories, objects } = await packOf(apart("lacking"));
    const externals = externalsOf(objects);
    const [gateway] = externals.filter(({ spec }) => spec.target.name === "openclaw-credentials");
    const others = externals.filter((external) => external !== gateway);
    const secret = `${model.config.cluster.namespace}/${gateway.spec.target.name}`;
    const faults = async () => differences(expected(model), await secretsIn(cluster, namespacesOf(model)));
    const failed = (why: RegExp) => untilFailed(operator, cluster, gateway, why);

    await t.step("seen red: a parameter that Terraform lacks is told, and the other Secrets come", async () => {
      const less = new Map([...directories].map(([path, files]) => [path, withoutResource(path, files)] as const));
      const planned = await plannedParameters(parts.value.terraform, less);
      const missing = parametersOf(model).filter((name) => !planned.some((row) => row.name === name));
      assert.deepEqual(missing, ["/elsewhere/lacking/GITHUB_TOKEN"]);
      for (const { name, type } of planned) await store.put(name, type, valueOf(name));
      await ssm.deploy(model, objects);
      await untilSynced(operator, cluster, others);
      await failed(/\(key: \/elsewhere\/lacking\/GITHUB_TOKEN\)/);
      assert.deepEqual(await faults(), [`${secret} is missing`]);
      // Once it is there, nobody has to do anything.
      for (const name of missing) await store.put(name, "SecureString", valueOf(name));
      await untilSynced(operator, cluster, externals);
      assert.deepEqual(await faults(), []);
    });

    await t.step("who is refused by SSM keeps the Secret, and is told why", async () => {
      store.refuse(true);
      await forceSync(cluster, gateway);
      await failed(/AccessDeniedException: .* ssm:GetParameter/);
      store.refuse(false);
      assert.deepEqual(await faults(), []);
      await forceSync(cluster, gateway);
      await untilSynced(operator, cluster, externals);
    });

    await t.step("seen red: a key that no pod reads, one that nothing brings, a stray Secret", async () => {
      const [key] = others.flatMap(({ spec }) => spec.data);
      const more = structuredClone(gateway);
      more.spec.data.push(key);
      await applyObjects(cluster, [more]);
      await untilSynced(operator, cluster, externals);
      assert.deepEqual(await faults(), [`${secret} has ${key.secretKey} besides`]);
      const is = keysIn(await secretsIn(cluster, namespacesOf(model)));
      const read = keysThatPodsRead(objects);
      assert.deepEqual(added(read, is), [`${secret} ${key.secretKey}`]);
      const valueFrom = { secretKeyRef: { name: gateway.spec.target.name, key: "ELSEWHERE" } };
      const wanting = withContainer(objects, "openclaw", "openclaw", ({ env }) => env.push({ name: "ANY", valueFrom }));
      assert.deepEqual(added(is, keysThatPodsRead(wanting)), [`${secret} ELSEWHERE`]);

      const [namespace] = namespacesOf(model);
      const stray = { apiVersion: "v1", kind: "Secret", metadata: { name: "stray", namespace } };
      await applyObjects(cluster, [gateway, stray]);
      await untilSynced(operator, cluster, externals);
      assert.deepEqual(await faults(), [`${namespace}/stray is one too many`]);
    });

    await t.step("seen red: a default that an ExternalSecret leaves out is added to it", async () => {
      const terse = structuredClone(gateway);
      delete terse.spec.data[0].remoteRef.decodingStrategy;
      await applyObjects(cluster, [terse]);
      assert.deepEqual(await drifting(cluster, [terse, ...others]), [terse.metadata.name]);
    });
  },
});

/** ExternalSecrets to which the API server added something: Argo CD would show it as drift. */
async function drifting(cluster: Cluster, externals: readonly Json[]): Promise<string[]> {
  const rows = await Promise.all(externals.map(async ({ spec, metadata: { name, namespace } }) => {
    const live = await cluster.get("externalsecret", name, `--namespace=${namespace}`);
    return isDeepStrictEqual(live.spec, spec) ? [] : [name];
  }));
  return rows.flat();
}

/** The directory of the parameters, without one of them. */
function withoutResource(path: string, files: Files): Files {
  if (!path.includes("/aws/")) return files;
  return edited(files, "ssm.tf.json", ({ resource }) => {
    assert.ok(delete resource.aws_ssm_parameter.github_token);
  });
}
