/**
 * The data guard on a real API server (requirement B12). Every deletion of a claim with data, its volume or its namespace is
 * refused with a message that explains how to delete deliberately. The documented commands work, and everything else, including
 * the guard, can still be changed.
 *
 * The API server and its controllers are real. No pod runs, so a claim is deleted immediately, while on a node it would wait
 * for its pods. One step binds a pod to a node that does not exist, to test this wait.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { generatedTree, overlay } from "../support/runtime/objects.ts";
import { type Json, objectOf, SSH } from "../support/support.ts";
import { ARGO_CD } from "../support/cluster/argocd.ts";
import type { Cluster } from "../support/cluster/cluster.ts";
import {
  assertRefused,
  BINDING,
  changedBy,
  GUARD,
  NAMESPACE,
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
import { applyObjects, listOf, until } from "../support/cluster/kubectl.ts";

const { ignore } = await prodTools();

const CLAIMS = "/api/v1/namespaces/openclaw/persistentvolumeclaims";
const OURS = "--selector=app.kubernetes.io/part-of=openclaw";
const CONTROLLERS = "system:serviceaccount:kube-system";
const OTHER_ADMIN = ["--as=another-admin", "--as-group=system:masters"];

Deno.test({
  name: "the data guard refuses every deletion but a deliberate one, and allows all other changes",
  ignore,
  fn: async (t) => {
    await using guarded = await startGuarded();
    const { cluster, pv, assertUnharmed } = guarded;
    const targets = await overlay("prod");

    await t.step("the API server's type check of the policy passes", async () => {
      const checked = await until("the type check", async () => {
        const { metadata, status } = await cluster.get(POLICY, GUARD);
        return status?.observedGeneration === metadata.generation && status;
      });
      assert.deepEqual(checked.typeChecking, {});
    });

    // On a given cluster these are dry runs, which the guard also checks, so that other objects are not at risk.
    const everywhere = cluster.own === undefined ? ["--dry-run=server"] : [];
    const deletions: readonly (readonly [string, readonly string[]])[] = [
      ["by name", ["delete", ...PVC]],
      ["with all claims of the namespace", ["delete", "pvc", "--all", "--namespace=openclaw"]],
      ["with all claims of the cluster", ["delete", "pvc", "--all", "--all-namespaces", ...everywhere]],
      ["by a label", ["delete", "pvc", "--all-namespaces", OURS, ...everywhere]],
      ["the spend record", ["delete", ...SPEND_PVC]],
      ["by force", ["delete", ...PVC, "--force", "--grace-period=0"]],
      ["without dependents", ["delete", ...PVC, "--cascade=orphan"]],
      ["as a collection", ["delete", "--raw", CLAIMS]],
      ["by any cluster-admin", ["delete", ...PVC, ...OTHER_ADMIN]],
      ["by Argo CD", ["delete", ...PVC, `--as=${ARGO_CD}`]],
      ["by the namespace controller", ["delete", ...PVC, `--as=${CONTROLLERS}:namespace-controller`]],
      ["by the garbage collector", ["delete", ...PVC, `--as=${CONTROLLERS}:generic-garbage-collector`]],
      ["by the persistent volume controller", ["delete", ...pv, `--as=${CONTROLLERS}:persistent-volume-binder`]],
      ["the namespace", ["delete", ...NAMESPACE]],
      ["the namespace, by a label", ["delete", "namespace", OURS, ...everywhere]],
      ["the namespace, by Argo CD", ["delete", ...NAMESPACE, `--as=${ARGO_CD}`]],
      ["the namespace, raw", ["delete", "--raw", "/api/v1/namespaces/openclaw"]],
      ["the volume", ["delete", ...pv]],
      ["all volumes", ["delete", "persistentvolume", "--all", ...everywhere]],
    ];
    await t.step("deletions are refused", async (t) => {
      for (const [name, [verb = "", ...args]] of deletions) {
        const wait = args[0] === "--raw" ? [] : ["--wait=false"];
        await t.step(name, async () => {
          await assertRefused(cluster, [verb, ...args, ...wait]);
          await assertUnharmed();
        });
      }
      await t.step("by kubectl replace --force", async () => {
        await assertRefused(
          cluster,
          ["replace", "--force", "-f", "-"],
          objectOf(targets, "PersistentVolumeClaim", PVC[1]!),
        );
        await assertUnharmed();
      });
      await t.step("by kubectl apply --prune", async () => {
        const other = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "other", namespace: "openclaw" } };
        const labels = { "app.kubernetes.io/part-of": "openclaw" };
        const prune = ["apply", "--prune", OURS, "--prune-allowlist=core/v1/PersistentVolumeClaim", "-f", "-"];
        await assertRefused(cluster, prune, { ...other, metadata: { ...other.metadata, labels } });
        await assertUnharmed();
      });
    });

    await t.step("possible bypasses are refused", async (t) => {
      await t.step("changed labels", async () => {
        for (const target of [PVC, NAMESPACE]) {
          const { metadata: { labels } } = await cluster.get(...target);
          const removals = Object.keys(labels).filter((name) => !name.startsWith("kubernetes.io/")).map((name) =>
            `${name}-`
          );
          await cluster.run(["label", ...target, ...removals, "example=1"]);
          await assertRefused(cluster, ["delete", ...target, "--wait=false"]);
        }
        await cluster.apply(TREE);
      });
      await t.step("another value of the annotation", async () => {
        for (const value of ["True", "yes", ""]) {
          await cluster.run(["annotate", "--overwrite", ...PVC, `openclaw-pack/allow-deletion=${value}`]);
          await assertRefused(cluster, ["delete", ...PVC, "--wait=false"]);
        }
        await cluster.run(["annotate", ...PVC, "openclaw-pack/allow-deletion-"]);
      });
      await t.step("no finalizers", async () => {
        await patch(cluster, PVC, { metadata: { finalizers: null } });
        await patch(cluster, pv, { metadata: { finalizers: null } });
        const finalize = ["replace", "--raw", "/api/v1/namespaces/openclaw/finalize", "-f", "-"];
        const namespace = await cluster.get(...NAMESPACE);
        for (const finalizers of [[], ["kubernetes"]]) {
          const { metadata: { name }, apiVersion, kind } = namespace;
          await cluster.run(finalize, {
            stdin: JSON.stringify({ apiVersion, kind, metadata: { name }, spec: { finalizers } }),
          });
        }
        for (const target of [PVC, NAMESPACE, pv]) await assertRefused(cluster, ["delete", ...target, "--wait=false"]);
      });
      await t.step("a deleted owner: the garbage collector is refused", async () => {
        const denied = await denials(cluster);
        const owner = { apiVersion: "v1", kind: "ConfigMap", name: "deleted", uid: crypto.randomUUID() };
        await patch(cluster, PVC, { metadata: { ownerReferences: [owner] } });
        await until("the garbage collector's attempt", async () => await denials(cluster) > denied);
        await patch(cluster, PVC, { metadata: { ownerReferences: null } });
      });
      await assertUnharmed();
    });

    await t.step("repeated kubectl delete -k", async () => {
      await cluster.apply(TREE);
      for (const _ of [1, 2, 3]) {
        const { code, stderr } = await cluster.kubectl(["delete", "-k", TREE, "--wait=false", "--ignore-not-found"]);
        assert.notEqual(code, 0);
        for (const name of ["openclaw", "openclaw-data", "openclaw-workspace", "openclaw-backups", "litellm-spend"]) {
          assert.match(stderr, new RegExp(`the data of ${name}: to`));
        }
      }
      await assertUnharmed();
    });

    await t.step("the documented commands delete the guard, and an apply creates it again", async () => {
      const commands = await documented();
      for (const command of commands.filter((args) => args.includes(GUARD))) await cluster.run(command);
      for (const kind of [POLICY, BINDING]) await untilDeleted(cluster, kind, GUARD);
      await untilAdmitted(cluster, ["delete", ...PVC]);
      await cluster.apply(TREE);
      await untilGuarded(cluster);
    });

    await t.step("the guard can be changed", async () => {
      const policy = objectOf(targets, POLICY, GUARD);
      const changed = structuredClone(policy);
      changed.spec.validations[0].messageExpression = '"changed"';
      await applyObjects(cluster, [changed]);
      await until("the changed message", async () => {
        const { code, stderr } = await cluster.kubectl(["delete", ...PVC, "--dry-run=server"]);
        return code !== 0 && stderr.trimEnd().endsWith("denied request: changed");
      });
      await applyObjects(cluster, [policy]);
      await untilGuarded(cluster);
    });

    await t.step("control: an incomplete guard refuses nothing", async () => {
      const unnamed = ({ spec }: Json) => {
        const [condition] = spec.matchConditions;
        condition.expression = condition.expression.replaceAll("'openclaw-data'", "'another'");
      };
      const policy = objectOf(targets, POLICY, GUARD);
      const binding = objectOf(targets, BINDING, GUARD);
      for (
        const broken of [
          changedBy(policy, unnamed),
          changedBy(policy, ({ spec }) => spec.matchConstraints.resourceRules[0].operations = ["UPDATE"]),
          changedBy(binding, ({ spec }) => spec.validationActions = ["Audit"]),
        ]
      ) {
        await applyObjects(cluster, [broken]);
        await untilAdmitted(cluster, ["delete", ...PVC]);
        await applyObjects(cluster, [policy, binding]);
        await untilGuarded(cluster);
      }
      // Without its finalizer, one `kubectl delete -k` deletes the guard and the next one the data.
      await patch(cluster, [BINDING, GUARD], { metadata: { finalizers: null } });
      await cluster.run(["delete", BINDING, GUARD]);
      await untilAdmitted(cluster, ["delete", ...PVC]);
      // A binding of another policy protects nothing.
      const other = changedBy(binding, ({ spec }) => spec.policyName = "another");
      await applyObjects(cluster, [{ ...other, metadata: { name: GUARD } }]);
      await untilAdmitted(cluster, ["delete", ...NAMESPACE]);
      await cluster.run(["delete", BINDING, GUARD]);
      await cluster.apply(TREE);
      await untilGuarded(cluster);
    });

    await t.step("everything else can be deleted and changed", async () => {
      const all = { stdin: listOf(targets) };
      await cluster.run(["label", "-f", "-", "example=1"], all);
      const { stdout, stderr } = await cluster.kubectl(["delete", "--dry-run=server", "-f", "-"], all);
      // The namespace and four claims.
      assert.equal(stdout.match(/ deleted \(server dry run\)$/gm)?.length, targets.length - 5);
      assert.equal(stderr.trim().split("\n").length, 5, stderr);
      // Longhorn's class allows expansion, the fake class does not.
      await patch(cluster, ["storageclass", "longhorn"], { allowVolumeExpansion: true });
      const larger = JSON.stringify({ spec: { resources: { requests: { storage: "20Gi" } } } });
      await cluster.run(["patch", ...PVC, "--type=merge", `--patch=${larger}`, "--dry-run=server"]);
      await cluster.run(["create", "namespace", "other"]);
      const spare = changedBy(objectOf(targets, "PersistentVolumeClaim", PVC[1]!), () => undefined);
      for (const [name, namespace] of [["spare", "openclaw"], ["openclaw-data", "other"]]) {
        const claim = { ...spare, metadata: { name, namespace } };
        await cluster.run(["create", "-f", "-"], { stdin: JSON.stringify(claim) });
        const own = ["pvc", name!, `--namespace=${namespace}`];
        const bound = await until("its volume", async () => (await cluster.get(...own)).spec.volumeName as string);
        await untilAdmitted(cluster, ["delete", "persistentvolume", bound]);
        await cluster.run(["delete", ...own]);
      }
      await cluster.run(["delete", "namespace", "other"]);
    });

    await t.step("with the ssh sandbox, its claim and namespace are also guarded", async () => {
      await using tree = await generatedTree(SSH);
      await cluster.apply(join(tree.path, TREE));
      const claim = ["pvc", "sandbox-data", "--namespace=openclaw-sandbox"];
      for (const target of [claim, ["namespace", "openclaw-sandbox"], PVC, NAMESPACE]) {
        await until(`the guard of ${target[1]}`, async () => {
          const { code, stderr } = await cluster.kubectl(["delete", ...target, "--dry-run=server"]);
          return code !== 0 && REFUSED.test(stderr);
        });
      }
      await cluster.apply(TREE);
    });

    await t.step(
      "the documented commands delete the data deliberately, after the claim has waited for a pod",
      async () => {
        const pod = { metadata: { name: "claim-user", namespace: "openclaw" }, spec: podWith("openclaw-data") };
        await cluster.run(["create", "-f", "-"], { stdin: JSON.stringify({ apiVersion: "v1", kind: "Pod", ...pod }) });
        const commands = (await documented()).filter((args) => !args.includes(GUARD));
        assert.equal(commands.length, 7);
        for (const command of commands) {
          const isClaim = command.includes("delete") && command.includes("pvc");
          // The pod's node does not exist, so no kubelet confirms that the pod has ended.
          const waits = isClaim || command.includes("job,pod");
          await cluster.run([...command, ...(waits ? ["--wait=false"] : [])]);
          if (!isClaim) continue;
          assert.notEqual((await cluster.get(...PVC)).metadata.deletionTimestamp, undefined);
          await cluster.run(["delete", "pod", "claim-user", "--namespace=openclaw", "--force", "--grace-period=0"]);
          await untilDeleted(cluster, ...PVC);
          // The provisioner may delete a released volume.
          await untilDeleted(cluster, ...pv);
        }
        await untilDeleted(cluster, ...NAMESPACE);
      },
    );
  },
});

/** Returns how many requests the guard has denied. */
async function denials(cluster: Cluster): Promise<number> {
  const metrics = await cluster.run(["get", "--raw", "/metrics"]);
  const lines = metrics.split("\n").filter((line) =>
    line.startsWith("apiserver_validating_admission_policy_check_total{") &&
    line.includes('enforcement_action="deny"') && line.includes(`policy="${GUARD}"`)
  );
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Returns the commands of docs/operations.md, "Deleting on purpose", without `kubectl`. */
async function documented(): Promise<string[][]> {
  const text = await Deno.readTextFile("docs/operations.md");
  const section = text.match(/^## Deleting on purpose\n([\s\S]*?)^## /m)?.[1] ?? "";
  return [...section.matchAll(/^\$ kubectl (.*)$/gm)].map(([, line = ""]) =>
    [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "")
  );
}

/** Returns the spec of a pod with a claim that is bound to a node that does not exist. */
function podWith(claimName: string): Json {
  return {
    nodeName: "nowhere",
    containers: [{ name: "pod", image: "example.invalid/pod", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
  };
}
