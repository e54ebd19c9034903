/**
 * overlays/prod on a real API server, with the real definitions of External Secrets and Argo CD (requirement B11): by kubectl and by Argo
 * CD's engine, in the forms that pack.yaml can give it. Nothing is applied twice with an effect, and nothing drifts.
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
import { prodParts } from "../support/cluster/guard.ts";
import { applyObjects, listOf, until } from "../support/cluster/kubectl.ts";
import { installExternalSecretsCrds } from "../support/cluster/modules.ts";

const { ignore } = await prodParts();

const APPLICATION = "kustomize/overlays/prod/application.yaml";
const LABELS = { "app.kubernetes.io/part-of": "openclaw", "app.kubernetes.io/managed-by": "openclaw-pack" };

const VARIANTS: readonly (readonly [string, PackInput])[] = [
  ["ssh sandbox", SSH],
  ["no backup", { backup: { enabled: false } }],
  ["copies in S3", S3],
  ["a node of the gateway's own", {
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
  name: "overlays/prod is taken as it stands: by kubectl and by Argo CD, once and for good",
  ignore,
  fn: async (t) => {
    await using cluster = await givenOr(startControlPlaneOnly);
    await installExternalSecretsCrds(cluster);
    await installArgoCd(cluster);

    const application = parse(await Deno.readTextFile(APPLICATION));
    const argo = await argoCd(cluster, application);

    await t.step("Argo CD: from nothing", async () => {
      await syncsOnce(cluster, argo, await overlay("prod"));
    });

    await t.step("kubectl: the committed tree", async () => {
      const objects = await overlay("prod");
      for (const object of objects) carriesLabels(object);
      await appliesOnce(cluster, "kustomize/overlays/prod", objects);
    });

    for (const [index, [name, input]] of VARIANTS.entries()) {
      await t.step(`kubectl: ${name}`, async () => {
        // Namespaces of its own: what the one before left behind must not help.
        const own = { ...input, cluster: { ...input.cluster, namespace: `openclaw-${index}` } };
        await using tree = await generatedTree(own);
        await appliesOnce(cluster, join(tree.path, "kustomize/overlays/prod"), await overlay("prod", own));
      });
    }

    await t.step("kubectl: what the API server writes otherwise is seen", async () => {
      const objects = await overlay("prod");
      const whole = objectOf(objects, "Deployment", "litellm");
      const cpu = objectOf(
        withContainer(objects, "litellm", "litellm", ({ resources }) => resources.limits.cpu = "1000m"),
        "Deployment",
        "litellm",
      );
      assert.equal(await reapplied(cluster, cpu), "deployment.apps/litellm configured");
      assert.equal(await drifted(cluster, whole), true, "the changed limit");
      const policy = objectOf(objects, "NetworkPolicy", "default-deny");
      const empty = { ...policy, spec: { ...policy.spec, egress: [] } };
      assert.equal(await reapplied(cluster, empty), "networkpolicy.networking.k8s.io/default-deny configured");
      assert.equal(await drifted(cluster, empty), true, "an empty list");
      for (const object of [whole, policy]) await reapplied(cluster, object);
      for (const object of [whole, policy]) assert.equal(await drifted(cluster, object), false);
    });

    await t.step("the Application itself", async () => {
      await cluster.run(["apply", "--dry-run=server", "-f", APPLICATION]);
      await cluster.apply(APPLICATION);
      assert.match(await cluster.apply(APPLICATION), /unchanged/);
      carriesLabels(application);
    });

    await t.step("Argo CD: takes over what kubectl made, and then has nothing to do", async () => {
      await syncsOnce(cluster, argo, await overlay("prod"));
      assert.equal((await cluster.kubectl(["diff", "-k", "kustomize/overlays/prod"])).code, 0);
    });

    for (const [name, input] of [...VARIANTS, ["the committed tree", {}] as const]) {
      await t.step(`Argo CD: a change to ${name}`, async () => {
        await syncsOnce(cluster, argo, await overlay("prod", input));
      });
    }

    await t.step("Argo CD: what is out of sync is seen", async () => {
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

/** `kubectl apply -k` has an effect once, and the cluster then holds what the tree says. */
async function appliesOnce(cluster: Cluster, folder: string, objects: readonly Json[]): Promise<void> {
  // A dry run makes no namespace for what comes after it.
  const namespaces = objects.filter(({ kind }) => kind === "Namespace");
  await applyObjects(cluster, namespaces);
  await cluster.run(["apply", "--dry-run=server", "-k", folder]);
  assert.equal((await cluster.run(["apply", "-k", folder])).trim().split("\n").length, objects.length);
  const again = (await cluster.run(["apply", "-k", folder])).trim().split("\n");
  assert.deepEqual(again.filter((line) => !line.endsWith(" unchanged")), []);
  const { code, stdout, stderr } = await cluster.kubectl(["diff", "-k", folder]);
  assert.equal(code, 0, `${stdout}${stderr}`);
}

/** Argo CD's sync leaves it nothing to do: no failure, nothing out of sync, and another sync writes nothing. */
async function syncsOnce(cluster: Cluster, argo: ArgoCd, targets: readonly Json[]): Promise<void> {
  const first = await argo.sync(targets);
  assert.deepEqual(failures(first), []);
  const kept = first.filter(({ status }) => status === "PruneSkipped");
  for (const { kind } of kept) assert.match(kind, /^(Namespace|PersistentVolumeClaim)$/);
  // It keeps telling of what it may not prune; what it prunes may be a moment in going.
  const told = async () => {
    const drift = await argo.drift(targets);
    return drift.length <= kept.length && drift;
  };
  const drift = await until("the end of what is pruned", told, { timeoutMs: 15_000 }).catch(() => argo.drift(targets));
  assert.deepEqual(outOfSync(drift), [], JSON.stringify(drift));
  assert.deepEqual(drift.map(({ name }) => name).toSorted(), kept.map(({ name }) => name).toSorted());
  const before = await contents(cluster, targets);
  assert.deepEqual(failures(await argo.sync(targets)), []);
  assert.deepEqual(await contents(cluster, targets), before);
}

/** What there is of every object; a sync that has nothing to do leaves it. */
async function contents(cluster: Cluster, objects: readonly Json[]): Promise<Record<string, string>> {
  const { items } = JSON.parse(await cluster.run(["get", "-f", "-", "-o", "json"], { stdin: listOf(objects) }));
  return Object.fromEntries(items.map(({ kind, metadata, spec, data }: Json) => {
    // Controllers write the status of some.
    const { labels, annotations, finalizers } = metadata;
    return [`${kind} ${metadata.name}`, JSON.stringify({ labels, annotations, finalizers, spec, data })];
  }));
}

/** What a second `kubectl apply` says. */
async function reapplied(cluster: Cluster, object: Json): Promise<string> {
  const apply = () => cluster.run(["apply", "-f", "-"], { stdin: JSON.stringify(object) });
  await apply();
  return (await apply()).trim();
}

async function drifted(cluster: Cluster, object: Json): Promise<boolean> {
  return (await cluster.kubectl(["diff", "-f", "-"], { stdin: JSON.stringify(object) })).code === 1;
}

function carriesLabels({ kind, metadata: { name, labels = {} } }: Json): void {
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

/** What differs from its target, each object once: both ways to compare may tell of one. */
function outOfSync(drift: readonly Outcome[]): string[] {
  return [...new Set(drift.filter(({ status }) => status !== "RequiresPruning").map(({ name }) => name))];
}
