/**
 * Argo CD and the data (requirement B12): what its own engine prunes, and what the deletion of the Application deletes. Sync
 * options keep the claims and the namespace. If the options are lost, the data guard keeps them. (Such pruning deleted ARK's
 * data.)
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
  GUARD,
  NAMESPACE,
  OTHER_PVCS,
  patch,
  POLICY,
  prodTools,
  PVC,
  REFUSED,
  SPEND_PVC,
  startGuarded,
  TREE,
  untilAdmitted,
  untilDeleted,
  untilGuarded,
} from "../support/cluster/guard.ts";
import { listOf, until } from "../support/cluster/kubectl.ts";

const { ignore } = await prodTools();

const SYNC_OPTIONS = "argocd.argoproj.io/sync-options";
const CASCADES = ["resources-finalizer.argocd.argoproj.io", "resources-finalizer.argocd.argoproj.io/background"];
const LITELLM = ["deployment", "litellm", "--namespace=openclaw"];
/** The kinds of the guarded objects: the namespace and the four claims with data. */
const DATA = ["Namespace", ...Array(4).fill("PersistentVolumeClaim")];
const KEPT = [...DATA, POLICY, BINDING];

Deno.test({
  name: "Argo CD neither prunes the data nor deletes it with the Application",
  ignore,
  fn: async (t) => {
    await using guarded = await startGuarded();
    const { cluster, assertUnharmed } = guarded;
    const targets = await overlay("prod");
    const argo = await argoCd(cluster, parse(await Deno.readTextFile(`${TREE}/application.yaml`)));
    // A sync's changes to an object that is being deleted would be lost.
    const settled = () =>
      until("all deletions to finish", async () => {
        const args = ["get", "--filename=-", "--ignore-not-found", "--output=json"];
        const { items } = JSON.parse(await cluster.run(args, { stdin: listOf(targets) }));
        return items.every(({ metadata }: Json) => metadata.deletionTimestamp === undefined);
      });
    const without = targets.filter(({ kind }) => !["PersistentVolumeClaim", "Namespace"].includes(kind));
    await t.step("claims and namespace that are removed from Git are not pruned", async () => {
      assert.deepEqual(withoutStatus("Synced", await argo.sync(targets)), []);
      const kept = withoutStatus("Synced", await argo.sync(without));
      assert.deepEqual(
        kept.map(({ kind, status }) => `${kind} ${status}`).toSorted(),
        DATA.map((kind) => `${kind} PruneSkipped`),
      );
      await assertUnharmed();
    });
    await t.step("if everything is removed from Git, only the guarded objects and the guard stay", async () => {
      const outcomes = await argo.sync([{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "lone" } }]);
      assert.deepEqual(statuses(outcomes, "PruneSkipped"), KEPT);
      assert.ok(statuses(outcomes, "Pruned").includes("Deployment"));
      await assertUnharmed();
      await untilGuarded(cluster);
    });
    for (const finalizer of CASCADES) {
      await t.step(`deleting the Application with ${finalizer} keeps the data`, async () => {
        await settled();
        assert.deepEqual(withoutStatus("Synced", withoutStatus("Pruned", await argo.sync(targets))), []);
        const outcomes = await argo.end([finalizer]);
        assert.deepEqual(statuses(outcomes, "Kept"), KEPT);
        assert.equal(statuses(outcomes, "Deleted").length, targets.length - KEPT.length);
        await untilDeleted(cluster, ...LITELLM);
        await assertUnharmed();
        await untilGuarded(cluster);
      });
    }
    await t.step("deleting the Application as generated deletes nothing else", async () => {
      assert.deepEqual(await argo.end([]), []);
    });
    await t.step("without the sync options the guard refuses, and survives its own deletion", async () => {
      await settled();
      assert.deepEqual(withoutStatus("Synced", await argo.sync(targets)), []);
      for (const target of [PVC, SPEND_PVC, ...OTHER_PVCS, NAMESPACE, [POLICY, GUARD], [BINDING, GUARD]]) {
        await cluster.run(["annotate", ...target, `${SYNC_OPTIONS}-`]);
      }
      const pruned = await argo.sync(without.map(bare));
      assertAllRefused(withoutStatus("Synced", pruned));
      assertAllRefused((await argo.end([CASCADES[0]!])).filter(({ status }) => status === "Failed"));
      await untilDeleted(cluster, ...LITELLM);
      const { metadata } = await cluster.get(POLICY, GUARD);
      assert.notEqual(metadata.deletionTimestamp, undefined);
      await assertUnharmed();
      await untilGuarded(cluster);
    });

    await t.step("control: without the sync options and the guard, the data is deleted", async () => {
      for (const kind of [BINDING, POLICY]) await patch(cluster, [kind, GUARD], { metadata: { finalizers: null } });
      await untilAdmitted(cluster, ["delete", ...PVC]);
      const unguarded = without.filter(({ metadata }) => metadata.name !== GUARD).map(bare);
      assert.deepEqual(statuses(await argo.sync(unguarded), "Pruned"), DATA);
      await untilDeleted(cluster, ...PVC);
    });
  },
});

/** Throws unless the outcomes are those of all guarded objects, each with the guard's message. */
function assertAllRefused(outcomes: readonly Outcome[]): void {
  assert.deepEqual(outcomes.map(({ kind }) => kind).toSorted(), DATA);
  for (const { message } of outcomes) assert.match(message, REFUSED);
}

function withoutStatus(status: string, outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter((outcome) => outcome.status !== status);
}

/** Returns the kinds of the objects with a status, sorted. */
function statuses(outcomes: readonly Outcome[], status: string): string[] {
  return outcomes.filter((outcome) => outcome.status === status).map(({ kind }) => kind).toSorted();
}

/** Returns the object without its sync options. */
function bare(object: Json): Json {
  return changedBy(object, ({ metadata }) => delete metadata.annotations?.[SYNC_OPTIONS]);
}
