/**
 * overlays/prod on a real API server with the real definitions of External Secrets and Argo CD (requirement B11), applied with
 * kubectl and with Argo CD's engine, in several variants of pack.yaml. A second apply changes nothing, and nothing drifts.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { PackInput } from "openclaw-pack";
import { parse } from "yaml";
import { generatedTree, overlay, withContainer } from "../support/runtime/objects.ts";
import { type Json, objectOf, S3, SSH } from "../support/support.ts";
import { type ArgoCd, argoCd, installArgoCd, type Outcome } from "../support/cluster/argocd.ts";
import { type Cluster, givenOr, startControlPlaneOnly } from "../support/cluster/cluster.ts";
import { prodTools } from "../support/cluster/guard.ts";
import { applyObjects, listOf, until } from "../support/cluster/kubectl.ts";
import { installExternalSecretsCrds } from "../support/cluster/modules.ts";

const { ignore } = await prodTools();

const APPLICATION = "kustomize/overlays/prod/application.yaml";
const LABELS = { "app.kubernetes.io/part-of": "openclaw", "app.kubernetes.io/managed-by": "openclaw-pack" };

const VARIANTS: readonly (readonly [string, PackInput])[] = [
  ["ssh sandbox", SSH],
  ["no backup", { backup: { enabled: false } }],
  ["copies in S3", S3],
  ["a dedicated node for the gateway", {
    ...SSH,
    cluster: {
      nodeSelector: { "example.com/openclaw": "gateway" },
      tolerations: [
        { key: "example.com/openclaw", value: "gateway", effect: "NoSchedule" },
        { key: "example.com/openclaw", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
      ],
      keysApart: "preferred",
      runtimeClassName: "kata",
      userNamespaces: true,
    },
  }],
  ["Cloudflare Access", { gateway: { auth: "cloudflare-access" } }],
];

Deno.test({
  name: "kubectl and Argo CD apply overlays/prod unchanged, and applying it again changes nothing",
  ignore,
  fn: async (t) => {
    await using cluster = await givenOr(startControlPlaneOnly);
    await installExternalSecretsCrds(cluster);
    await installArgoCd(cluster);

    const application = parse(await Deno.readTextFile(APPLICATION));
    const argo = await argoCd(cluster, application);

    await t.step("Argo CD: an empty cluster", async () => {
      await assertSyncsOnce(cluster, argo, await overlay("prod"));
    });

    await t.step("kubectl: the committed tree", async () => {
      const objects = await overlay("prod");
      for (const object of objects) assertLabels(object);
      await assertAppliesOnce(cluster, "kustomize/overlays/prod", objects);
    });

    for (const [index, [name, input]] of VARIANTS.entries()) {
      await t.step(`kubectl: ${name}`, async () => {
        // Each variant has its own namespaces, so that leftovers of the previous one do not help.
        const own = { ...input, cluster: { ...input.cluster, namespace: `openclaw-${index}` } };
        await using tree = await generatedTree(own);
        await assertAppliesOnce(cluster, join(tree.path, "kustomize/overlays/prod"), await overlay("prod", own));
      });
    }

    await t.step("kubectl: fields that the API server rewrites are detected", async () => {
      const objects = await overlay("prod");
      const litellm = objectOf(objects, "Deployment", "litellm");
      const cpu = objectOf(
        withContainer(objects, "litellm", "litellm", ({ resources }) => resources.limits.cpu = "1000m"),
        "Deployment",
        "litellm",
      );
      assert.equal(await reapplied(cluster, cpu), "deployment.apps/litellm configured");
      assert.equal(await drifted(cluster, litellm), true, "the changed limit");
      const policy = objectOf(objects, "NetworkPolicy", "default-deny");
      const empty = { ...policy, spec: { ...policy.spec, egress: [] } };
      assert.equal(await reapplied(cluster, empty), "networkpolicy.networking.k8s.io/default-deny configured");
      assert.equal(await drifted(cluster, empty), true, "an empty list");
      for (const object of [litellm, policy]) await reapplied(cluster, object);
      for (const object of [litellm, policy]) assert.equal(await drifted(cluster, object), false);
    });

    await t.step("the Application itself", async () => {
      await cluster.run(["apply", "--dry-run=server", "-f", APPLICATION]);
      await cluster.apply(APPLICATION);
      assert.match(await cluster.apply(APPLICATION), /unchanged/);
      assertLabels(application);
    });

    await t.step("Argo CD: adopts what kubectl created, and then has nothing to do", async () => {
      await assertSyncsOnce(cluster, argo, await overlay("prod"));
      assert.equal((await cluster.kubectl(["diff", "-k", "kustomize/overlays/prod"])).code, 0);
    });

    for (const [name, input] of [...VARIANTS, ["the committed tree", {}] as const]) {
      await t.step(`Argo CD: a change to ${name}`, async () => {
        await assertSyncsOnce(cluster, argo, await overlay("prod", input));
      });
    }

    await t.step("Argo CD: an object that is out of sync is detected", async () => {
      const objects = await overlay("prod");
      await argo.sync(objects);
      const bare = changed(objects, "ExternalSecret", "litellm-es", ({ spec }) => {
        delete spec.data[0].remoteRef.conversionStrategy;
      });
      assert.deepEqual(failures(await argo.sync(bare)), []);
      assert.deepEqual(outOfSync(await argo.drift(bare)), ["litellm-es"]);
      const twice = withContainer(objects, "litellm", "litellm", ({ env }) => env.push(env[0]));
      const [refused, ...others] = failures(await argo.sync(twice));
      assert.deepEqual(others, []);
      assert.match(refused?.message ?? "", /env: duplicate entries for key/);
      await cluster.run(["scale", "deployment/litellm", "--namespace=openclaw", "--replicas=3"]);
      assert.deepEqual(outOfSync(await argo.drift(objects)), ["litellm"]);
    });
  },
});

/** Throws unless only the first `kubectl apply -k` changes something, and the cluster then matches the tree. */
async function assertAppliesOnce(cluster: Cluster, folder: string, objects: readonly Json[]): Promise<void> {
  // A dry run does not create the namespace that the other objects need.
  const namespaces = objects.filter(({ kind }) => kind === "Namespace");
  await applyObjects(cluster, namespaces);
  await cluster.run(["apply", "--dry-run=server", "-k", folder]);
  assert.equal((await cluster.run(["apply", "-k", folder])).trim().split("\n").length, objects.length);
  const again = (await cluster.run(["apply", "-k", folder])).trim().split("\n");
  assert.deepEqual(again.filter((line) => !line.endsWith(" unchanged")), []);
  const { code, stdout, stderr } = await cluster.kubectl(["diff", "-k", folder]);
  assert.equal(code, 0, `${stdout}${stderr}`);
}

/** Throws unless a sync of Argo CD succeeds, nothing is out of sync afterwards, and another sync writes nothing. */
async function assertSyncsOnce(cluster: Cluster, argo: ArgoCd, targets: readonly Json[]): Promise<void> {
  const first = await argo.sync(targets);
  assert.deepEqual(failures(first), []);
  const kept = first.filter(({ status }) => status === "PruneSkipped");
  for (const { kind } of kept) assert.match(kind, /^(Namespace|PersistentVolumeClaim)$/);
  // It keeps reporting what it may not prune. Pruned objects may take a moment to disappear.
  const onlyKept = async () => {
    const drift = await argo.drift(targets);
    return drift.length <= kept.length && drift;
  };
  const drift = await until("the pruned objects to be deleted", onlyKept, { timeoutMs: 15_000 }).catch(() =>
    argo.drift(targets)
  );
  assert.deepEqual(outOfSync(drift), [], JSON.stringify(drift));
  assert.deepEqual(drift.map(({ name }) => name).toSorted(), kept.map(({ name }) => name).toSorted());
  const before = await contents(cluster, targets);
  assert.deepEqual(failures(await argo.sync(targets)), []);
  assert.deepEqual(await contents(cluster, targets), before);
}

/** Returns the content of every object, which a sync with nothing to do leaves unchanged. */
async function contents(cluster: Cluster, objects: readonly Json[]): Promise<Record<string, string>> {
  const { items } = JSON.parse(await cluster.run(["get", "-f", "-", "-o", "json"], { stdin: listOf(objects) }));
  return Object.fromEntries(items.map(({ kind, metadata, spec, data }: Json) => {
    // The status is left out, because controllers update it.
    const { labels, annotations, finalizers } = metadata;
    return [`${kind} ${metadata.name}`, JSON.stringify({ labels, annotations, finalizers, spec, data })];
  }));
}

/** Returns the output of a second `kubectl apply`. */
async function reapplied(cluster: Cluster, object: Json): Promise<string> {
  const apply = () => cluster.run(["apply", "-f", "-"], { stdin: JSON.stringify(object) });
  await apply();
  return (await apply()).trim();
}

async function drifted(cluster: Cluster, object: Json): Promise<boolean> {
  return (await cluster.kubectl(["diff", "-f", "-"], { stdin: JSON.stringify(object) })).code === 1;
}

function assertLabels({ kind, metadata: { name, labels = {} } }: Json): void {
  for (const [label, value] of Object.entries(LABELS)) assert.equal(labels[label], value, `${kind} ${name}: ${label}`);
}

function changed(objects: readonly Json[], kind: string, name: string, change: (object: Json) => void): Json[] {
  const copies = structuredClone([...objects]);
  change(objectOf(copies, kind, name));
  return copies;
}

function failures(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ status }) => !["Synced", "Pruned", "PruneSkipped"].includes(status));
}

/** Returns the objects that differ from their targets, each once, because both comparisons may report one. */
function outOfSync(drift: readonly Outcome[]): string[] {
  return [...new Set(drift.filter(({ status }) => status !== "RequiresPruning").map(({ name }) => name))];
}
