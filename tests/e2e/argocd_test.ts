/**
 * Argo CD and the data (requirement B12): what its own engine prunes, and what the end of the Application takes along. Claim and namespace
 * stay by their sync options; when these are lost, by the data guard. (ARK's data was lost by such a pruning.)
 *
 * @module
 */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { overlay } from "../support/runtime/objects.ts";
import type { Json } from "../support/support.ts";
import { argoCd, type Outcome } from "../support/cluster/argocd.ts";
import {
  BINDING,
  changedBy,
  gone,
  GUARD,
  guards,
  lets,
  NAMESPACE,
  patch,
  POLICY,
  prodParts,
  PVC,
  REFUSED,
  SPEND_PVC,
  startGuarded,
  TREE,
} from "../support/cluster/guard.ts";
import { listOf, until } from "../support/cluster/kubectl.ts";

const { ignore } = await prodParts();

const SYNC_OPTIONS = "argocd.argoproj.io/sync-options";
const CASCADES = ["resources-finalizer.argocd.argoproj.io", "resources-finalizer.argocd.argoproj.io/background"];
const LITELLM = ["deployment", "litellm", "--namespace=openclaw"];
/** What is guarded: the namespace and both claims with data. */
const DATA = ["Namespace", "PersistentVolumeClaim", "PersistentVolumeClaim"];
const KEPT = [...DATA, POLICY, BINDING];

Deno.test({
  name: "Argo CD neither prunes the data nor deletes it with the Application",
  ignore,
  fn: async (t) => {
    await using guarded = await startGuarded();
    const { cluster, unharmed } = guarded;
    const targets = await overlay("prod");
    const argo = await argoCd(cluster, parse(await Deno.readTextFile(`${TREE}/application.yaml`)));
    // What is on its way out would take a sync's changes along.
    const settled = () =>
      until("what was deleted to be gone", async () => {
        const args = ["get", "--filename=-", "--ignore-not-found", "--output=json"];
        const { items } = JSON.parse(await cluster.run(args, { stdin: listOf(targets) }));
        return items.every(({ metadata }: Json) => metadata.deletionTimestamp === undefined);
      });
    const without = targets.filter(({ kind }) => !["PersistentVolumeClaim", "Namespace"].includes(kind));
    await t.step("claim and namespace are gone from Git: they are not pruned", async () => {
      assert.deepEqual(unlike("Synced", await argo.sync(targets)), []);
      const kept = unlike("Synced", await argo.sync(without));
      assert.deepEqual(
        kept.map(({ kind, status }) => `${kind} ${status}`).toSorted(),
        DATA.map((kind) => `${kind} PruneSkipped`),
      );
      await unharmed();
    });
    await t.step("everything is gone from Git: only what is guarded stays, and the guard", async () => {
      const outcomes = await argo.sync([{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "lone" } }]);
      assert.deepEqual(statuses(outcomes, "PruneSkipped"), KEPT);
      assert.ok(statuses(outcomes, "Pruned").includes("Deployment"));
      await unharmed();
      await guards(cluster);
    });
    for (const finalizer of CASCADES) {
      await t.step(`the Application is deleted with ${finalizer}`, async () => {
        await settled();
        assert.deepEqual(unlike("Synced", unlike("Pruned", await argo.sync(targets))), []);
        const outcomes = await argo.end([finalizer]);
        assert.deepEqual(statuses(outcomes, "Kept"), KEPT);
        assert.equal(statuses(outcomes, "Deleted").length, targets.length - KEPT.length);
        await gone(cluster, ...LITELLM);
        await unharmed();
        await guards(cluster);
      });
    }
    await t.step("as generated, it takes nothing along", async () => {
      assert.deepEqual(await argo.end([]), []);
    });
    await t.step("its options are lost too: the guard refuses, and outlives its own deletion", async () => {
      await settled();
      assert.deepEqual(unlike("Synced", await argo.sync(targets)), []);
      for (const target of [PVC, SPEND_PVC, NAMESPACE, [POLICY, GUARD], [BINDING, GUARD]]) {
        await cluster.run(["annotate", ...target, `${SYNC_OPTIONS}-`]);
      }
      const pruned = await argo.sync(without.map(bare));
      refusesAll(unlike("Synced", pruned));
      refusesAll((await argo.end([CASCADES[0]!])).filter(({ status }) => status === "Failed"));
      await gone(cluster, ...LITELLM);
      const { metadata } = await cluster.get(POLICY, GUARD);
      assert.notEqual(metadata.deletionTimestamp, undefined);
      await unharmed();
      await guards(cluster);
    });

    await t.step("without its options and without the guard, the data goes (seen red)", async () => {
      for (const kind of [BINDING, POLICY]) await patch(cluster, [kind, GUARD], { metadata: { finalizers: null } });
      await lets(cluster, ["delete", ...PVC]);
      const unguarded = without.filter(({ metadata }) => metadata.name !== GUARD).map(bare);
      assert.deepEqual(statuses(await argo.sync(unguarded), "Pruned"), DATA);
      await gone(cluster, ...PVC);
    });
  },
});

/** Of all that is guarded, and of nothing else, Argo CD tells what the guard said. */
function refusesAll(outcomes: readonly Outcome[]): void {
  assert.deepEqual(outcomes.map(({ kind }) => kind).toSorted(), DATA);
  for (const { message } of outcomes) assert.match(message, REFUSED);
}

function unlike(status: string, outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter((outcome) => outcome.status !== status);
}

/** The kinds of what ended so, sorted. */
function statuses(outcomes: readonly Outcome[], status: string): string[] {
  return outcomes.filter((outcome) => outcome.status === status).map(({ kind }) => kind).toSorted();
}

/** An object without Argo CD's options. */
function bare(object: Json): Json {
  return changedBy(object, ({ metadata }) => delete metadata.annotations?.[SYNC_OPTIONS]);
}
