/**
 * The path of a secret across both repositories (requirement D3). Terraform plans the parameters, the test sets their values,
 * the real External Secrets Operator reads them with its aws provider (moto replaces SSM), and the pods find the keys that they
 * name. The Terraform providers are fakes (../support/terraform/standin.ts), so the plan shows what is generated, not what AWS
 * would add.
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
  EVERY_SECRET,
  expected,
  isolatedPack,
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
  operatorTools,
  untilFailed,
  untilSynced,
} from "../support/cluster/external_secrets.ts";
import { applyObjects } from "../support/cluster/kubectl.ts";
import { added } from "../support/cluster/leftovers.ts";
import { differences, secretsIn } from "../support/cluster/secrets.ts";

/** Each has its own namespace and prefix, so that all fit in one cluster and one store. */
const VARIANTS: readonly { readonly name: string; readonly input?: PackInput }[] = [
  { name: "the committed pack.yaml" },
  { name: "every possible secret", input: EVERY_SECRET },
  { name: "without Discord", input: { ...isolatedPack("quiet"), discord: { enabled: false } } },
];

const tools = await tool("the External Secrets Operator with moto and Terraform", async () => {
  const all = await Promise.all(VARIANTS.map(async ({ input }) => [...(await packOf(input)).directories.values()]));
  await operatorTools();
  return {
    moto: await aws(),
    terraform: await terraform(usedBy(all.flat().flatMap(jsonOf))),
  };
});

Deno.test({
  name: "every parameter that Terraform plans reaches its readers, and nothing else",
  ignore: tools.ignore,
  fn: async (t) => {
    await using ssm = await startWithSsm(tools.value.moto);
    const { cluster, store, operator } = ssm;

    for (const { name, input } of VARIANTS) {
      await t.step(name, async () => {
        const { model, directories, objects } = await packOf(input);
        const planned = await plannedParameters(tools.value.terraform, directories);
        assert.deepEqual(planned.map((row) => row.name).toSorted(), parametersOf(model).toSorted());
        for (const row of planned) await store.put(row.name, row.type, valueOf(row.name));
        const before = store.asked.length;
        await ssm.deploy(model, input === undefined ? "kustomize/overlays/prod" : objects);
        await untilSynced(operator, cluster, externalsOf(objects));

        assert.deepEqual(await drifting(cluster, externalsOf(objects)), []);
        const secrets = await secretsIn(cluster, namespacesOf(model));
        assert.deepEqual(differences(expected(model), secrets), []);
        assert.deepEqual(keysIn(secrets), keysThatPodsRead(objects));
        // Parameters without a reader are not even requested.
        const asked = store.asked.slice(before);
        assert.deepEqual(
          [...new Set(asked.map(({ parameter }) => parameter))].toSorted(),
          parametersOf(model).filter((parameter) => !unread(model).includes(parameter)).toSorted(),
        );
        console.log(`${name}: ${planned.length} parameters, ${Object.keys(secrets).length} Secrets`);
      });
    }

    await t.step("the operator only asks SSM for parameters by name", () => {
      assert.deepEqual([...new Set(store.asked.map(({ action }) => action))], ["AmazonSSM.GetParameter"]);
    });

    const { model, directories, objects } = await packOf(isolatedPack("lacking"));
    const externals = externalsOf(objects);
    const [gateway] = externals.filter(({ spec }) => spec.target.name === "openclaw-credentials");
    const others = externals.filter((external) => external !== gateway);
    const secret = `${model.config.cluster.namespace}/${gateway.spec.target.name}`;
    const faults = async () => differences(expected(model), await secretsIn(cluster, namespacesOf(model)));
    const failed = (why: RegExp) => untilFailed(operator, cluster, gateway, why);

    await t.step(
      "control: a parameter that Terraform lacks is reported, and the other Secrets are created",
      async () => {
        const reduced = new Map([...directories].map(([path, files]) => [path, withoutResource(path, files)] as const));
        const planned = await plannedParameters(tools.value.terraform, reduced);
        const missing = parametersOf(model).filter((name) => !planned.some((row) => row.name === name));
        assert.deepEqual(missing, ["/elsewhere/lacking/GITHUB_TOKEN"]);
        for (const { name, type } of planned) await store.put(name, type, valueOf(name));
        await ssm.deploy(model, objects);
        await untilSynced(operator, cluster, others);
        await failed(/\(key: \/elsewhere\/lacking\/GITHUB_TOKEN\)/);
        assert.deepEqual(await faults(), [`${secret} is missing`]);
        // Once the parameter exists, the operator recovers on its own.
        for (const name of missing) await store.put(name, "SecureString", valueOf(name));
        await untilSynced(operator, cluster, externals);
        assert.deepEqual(await faults(), []);
      },
    );

    await t.step("if SSM denies access, the Secret stays and the operator reports the reason", async () => {
      store.refuse(true);
      await forceSync(cluster, gateway);
      await failed(/AccessDeniedException: .* ssm:GetParameter/);
      store.refuse(false);
      assert.deepEqual(await faults(), []);
      await forceSync(cluster, gateway);
      await untilSynced(operator, cluster, externals);
    });

    await t.step(
      "control: a key that no pod reads, a key that no Secret has, and a stray Secret are found",
      async () => {
        const [key] = others.flatMap(({ spec }) => spec.data);
        const more = structuredClone(gateway);
        more.spec.data.push(key);
        await applyObjects(cluster, [more]);
        await untilSynced(operator, cluster, externals);
        assert.deepEqual(await faults(), [`${secret} has an unexpected ${key.secretKey}`]);
        const is = keysIn(await secretsIn(cluster, namespacesOf(model)));
        const read = keysThatPodsRead(objects);
        assert.deepEqual(added(read, is), [`${secret} ${key.secretKey}`]);
        const valueFrom = { secretKeyRef: { name: gateway.spec.target.name, key: "ELSEWHERE" } };
        const wanting = withContainer(
          objects,
          "openclaw",
          "openclaw",
          ({ env }) => env.push({ name: "ANY", valueFrom }),
        );
        assert.deepEqual(added(is, keysThatPodsRead(wanting)), [`${secret} ELSEWHERE`]);

        const [namespace] = namespacesOf(model);
        const stray = { apiVersion: "v1", kind: "Secret", metadata: { name: "stray", namespace } };
        await applyObjects(cluster, [gateway, stray]);
        await untilSynced(operator, cluster, externals);
        assert.deepEqual(await faults(), [`${namespace}/stray is unexpected`]);
      },
    );

    await t.step("control: the API server adds a default that an ExternalSecret omits", async () => {
      const terse = structuredClone(gateway);
      delete terse.spec.data[0].remoteRef.decodingStrategy;
      await applyObjects(cluster, [terse]);
      assert.deepEqual(await drifting(cluster, [terse, ...others]), [terse.metadata.name]);
    });
  },
});

/** Returns the ExternalSecrets to which the API server added fields. Argo CD would show them as drift. */
async function drifting(cluster: Cluster, externals: readonly Json[]): Promise<string[]> {
  const rows = await Promise.all(externals.map(async ({ spec, metadata: { name, namespace } }) => {
    const live = await cluster.get("externalsecret", name, `--namespace=${namespace}`);
    return isDeepStrictEqual(live.spec, spec) ? [] : [name];
  }));
  return rows.flat();
}

/** Returns the files of the AWS directory without one parameter. */
function withoutResource(path: string, files: Files): Files {
  if (!path.includes("/aws/")) return files;
  return edited(files, "ssm.tf.json", ({ resource }) => {
    assert.ok(delete resource.aws_ssm_parameter.github_token);
  });
}
