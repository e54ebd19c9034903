/**
 * Where the real scheduler places the pods of overlays/prod (requirement E6). Keys never share a node with the agent's
 * commands, in any order of scheduling. Every pod finds a node. The gateway's dedicated node is used only by the pods that it
 * is for. The nodes are objects without a kubelet.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PackInput } from "openclaw-pack";
import { tool } from "../support/tools.ts";
import { restorePod } from "../../src/commands/restore/pod.ts";
import { overlay } from "../support/runtime/objects.ts";
import { type Json, objectOf, SSH } from "../support/support.ts";
import { type Cluster, startControlPlaneOnly } from "../support/cluster/cluster.ts";
import { applyObjects, until } from "../support/cluster/kubectl.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { createNodes, type FakeNode, placementOf } from "../support/cluster/nodes.ts";

const runtime = await tool("a Kubernetes scheduler", clusterRuntime);

const NAMESPACE = "openclaw";
const KEYS = ["litellm", "cloudflared"];
const GATEWAY_FIRST = ["openclaw", ...KEYS];
const KEYS_FIRST = [...KEYS, "openclaw"];
const ORDERS = [GATEWAY_FIRST, KEYS_FIRST, ["cloudflared", "openclaw", "litellm"]];

const ONE: readonly FakeNode[] = [{ name: "a" }];
const TWO: readonly FakeNode[] = [{ name: "a" }, { name: "b" }];
/** Without rules, the scheduler places everything on the large one. */
const UNEVEN: readonly FakeNode[] = [{ name: "a", cores: 64 }, { name: "b" }];
const THREE: readonly FakeNode[] = [...UNEVEN, { name: "c" }];

/** The gateway's dedicated node: labelled, and the largest. */
const OWN_LABEL = { "example.com/openclaw": "gateway" };
const OWN: FakeNode = { name: "own", cores: 64, labels: OWN_LABEL };
const TAINT = { key: "example.com/openclaw", value: "gateway", effect: "NoSchedule" };
const TAINTED: FakeNode = { ...OWN, taints: [TAINT] };
const DEDICATED: PackInput = {
  cluster: {
    nodeSelector: OWN_LABEL,
    tolerations: [{ key: TAINT.key, value: TAINT.value, effect: "NoSchedule" }],
  },
};

const keysApart = (mode: "required" | "preferred" | "off"): PackInput => ({ cluster: { keysApart: mode } });

/** A pod that does not belong to the deployment. */
const BYSTANDER = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "bystander", namespace: "default", labels: { "app.kubernetes.io/name": "bystander" } },
  spec: { containers: [{ name: "bystander", image: "bystander:1.0.0" }] },
};

/** The scheduler's reason if the pod's own rule, or the rule of an existing pod, leaves no node. */
const OWN_RULE = /didn't match pod anti-affinity rules/;
const EXISTING_RULE = /didn't satisfy existing pods anti-affinity rules/;

Deno.test({
  name: "the scheduler keeps keys off the nodes that run the agent's commands, and places every pod",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await startControlPlaneOnly({ scheduler: true });
    const required = await overlay("prod", {});
    const preferred = await overlay("prod", keysApart("preferred"));
    const off = await overlay("prod", keysApart("off"));
    const ssh = await overlay("prod", SSH);
    const dedicated = await overlay("prod", DEDICATED);
    await createVolumes(cluster, required, ssh);

    await t.step("required: two or three nodes, in any order", async () => {
      for (const nodes of [TWO, UNEVEN, THREE]) {
        for (const order of ORDERS) {
          const places = await placed(cluster, nodes, required, order);
          const context = `${order} on ${nodes.length}: ${JSON.stringify(places)}`;
          for (const name of order) assert.match(places[name] ?? "", /^[abc]$/, context);
          for (const name of KEYS) assert.notEqual(places[name], places["openclaw"], context);
        }
      }
    });

    await t.step("required: one node takes one side, and the scheduler reports why the other is pending", async () => {
      const first = await placed(cluster, ONE, required, GATEWAY_FIRST);
      assert.equal(first["openclaw"], "a");
      for (const name of KEYS) assert.match(first[name] ?? "", OWN_RULE, name);
      // The gateway itself has no rule; the existing pods do.
      const second = await placed(cluster, ONE, required, KEYS_FIRST);
      for (const name of KEYS) assert.equal(second[name], "a", name);
      assert.match(second["openclaw"] ?? "", EXISTING_RULE);
    });

    await t.step(
      "control: without the rule they share a node, and without the affinity the gateway is locked out",
      async () => {
        const together = { openclaw: "a", litellm: "a", cloudflared: "a" };
        const bare = changed(required, KEYS, (spec) => delete spec.affinity.podAntiAffinity);
        for (const nodes of [ONE, UNEVEN]) {
          for (const order of ORDERS) assert.deepEqual(await placed(cluster, nodes, bare, order), together);
        }
        const withoutAffinity = changed(required, ["cloudflared"], (spec) => delete spec.affinity.podAffinity);
        const { litellm, cloudflared, openclaw } = await placed(cluster, TWO, withoutAffinity, KEYS_FIRST);
        assert.deepEqual([litellm, cloudflared].toSorted(), ["a", "b"]);
        assert.match(openclaw ?? "", EXISTING_RULE);
      },
    );

    await t.step("preferred: separate on two nodes, together on one", async () => {
      for (const order of ORDERS) {
        const places = await placed(cluster, UNEVEN, preferred, order);
        for (const name of KEYS) {
          assert.notEqual(places[name], places["openclaw"], `${order} ${JSON.stringify(places)}`);
        }
        assert.deepEqual(new Set(Object.values(places)), new Set(["a", "b"]));
        assert.deepEqual(new Set(Object.values(await placed(cluster, ONE, preferred, order))), new Set(["a"]));
      }
    });

    await t.step("off, and a trial: one node is enough, and a second one is ignored", async () => {
      for (const nodes of [ONE, UNEVEN]) {
        assert.deepEqual(new Set(Object.values(await placed(cluster, nodes, off, KEYS_FIRST))), new Set(["a"]));
      }
      const trial = await overlay("kind", {});
      assert.deepEqual(await placed(cluster, ONE, trial, ["openclaw", "litellm"]), { openclaw: "a", litellm: "a" });
    });

    await t.step(
      "rollouts: cloudflared's new pod runs next to its old one, LiteLLM and the gateway keep their nodes, and the backup follows",
      async () => {
        const before = await placed(cluster, UNEVEN, required, GATEWAY_FIRST);
        assert.deepEqual(before, { openclaw: "a", litellm: "b", cloudflared: "b" });
        await cluster.run([
          "rollout",
          "restart",
          "deployment/cloudflared",
          "deployment/litellm",
          "deployment/openclaw",
          `--namespace=${NAMESPACE}`,
        ]);
        await until("cloudflared's new pod", async () => {
          const places = (await podsOf(cluster, "cloudflared")).map(placementOf);
          return places.length === 2 && places.every((place) => place === "b");
        });
        // With strategy Recreate, the old pod has to end first.
        for (const name of ["litellm", "openclaw"] as const) {
          await until(`the end of ${name}'s old pod`, async () => {
            const pods = await podsOf(cluster, name);
            return pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined) &&
              await endPods(cluster, name);
          });
        }
        assert.equal(await placeNow(cluster, "litellm"), "b");
        assert.equal(await placeNow(cluster, "openclaw"), "a");
        assert.equal(await placeBackup(cluster, required), "a");
      },
    );

    await t.step("a dedicated node takes the gateway and the backup, and no other pod", async () => {
      for (const order of ORDERS) {
        const places = await placed(cluster, [TAINTED, { name: "b" }], dedicated, order);
        assert.deepEqual(places, { openclaw: "own", litellm: "b", cloudflared: "b" }, `${order}`);
      }
      assert.equal(await placeBackup(cluster, dedicated), "own");
      await applyObjects(cluster, [BYSTANDER]);
      assert.equal(await placeNow(cluster, "bystander"), "b");
      // The pod that `deno task restore` derives from the CronJob in the cluster.
      const cronJob = await cluster.get("cronjob", "openclaw-backup", `--namespace=${NAMESPACE}`);
      const pod = restorePod(cronJob, { args: ["list"], besideGateway: true, name: "x" });
      const named = { ...pod, metadata: { ...pod.metadata, labels: { "app.kubernetes.io/name": "restore" } } };
      await cluster.run(["create", "-f", "-"], { stdin: JSON.stringify(named) });
      assert.equal(await placeNow(cluster, "restore"), "own");
    });

    await t.step("control: without the toleration neither the gateway nor the backup is placed there", async () => {
      const untolerated = changed(dedicated, ["openclaw"], (spec) => delete spec.tolerations);
      const { openclaw } = await placed(cluster, [TAINTED, { name: "b" }], untolerated, GATEWAY_FIRST);
      assert.match(openclaw ?? "", /untolerated taint/);
      await placed(cluster, [TAINTED, { name: "b" }], dedicated, GATEWAY_FIRST);
      const objects = structuredClone(dedicated);
      delete objectOf(objects, "CronJob", "openclaw-backup").spec.jobTemplate.spec.template.spec.tolerations;
      assert.match(await placeBackup(cluster, objects), /untolerated taint/);
    });

    await t.step(
      "a node that is dedicated by its label alone: keys that are scheduled first leave it to the gateway",
      async () => {
        const nodes = [OWN, { name: "b" }];
        assert.deepEqual(await placed(cluster, nodes, dedicated, KEYS_FIRST), {
          openclaw: "own",
          litellm: "b",
          cloudflared: "b",
        });
        const withoutAffinity = changed(dedicated, KEYS, (spec) => delete spec.affinity.nodeAffinity);
        const { litellm, openclaw } = await placed(cluster, nodes, withoutAffinity, KEYS_FIRST);
        assert.equal(litellm, "own");
        assert.match(openclaw ?? "", EXISTING_RULE);
        // The fix from docs/troubleshooting.md.
        await cluster.run(["cordon", "own"]);
        for (const name of KEYS) await endPods(cluster, name);
        for (const name of KEYS) assert.equal(await placeNow(cluster, name), "b", name);
        await cluster.run(["uncordon", "own"]);
        await until("the gateway", async () => await placeNow(cluster, "openclaw") === "own");
      },
    );

    await t.step("a compromised node can remove the label that the rule uses, but not the taint", async () => {
      const asNode = ["--as=system:node:own", "--as-group=system:nodes", "--as-group=system:authenticated"];
      const removeLabel = () => cluster.run(["label", "node", "own", "kubernetes.io/hostname-", ...asNode]);
      const next = async (nodes: readonly FakeNode[], objects: readonly Json[]) => {
        await placed(cluster, nodes, objects, GATEWAY_FIRST);
        await removeLabel();
        for (const name of KEYS) await endPods(cluster, name);
        return await Promise.all(KEYS.map((name) => placeNow(cluster, name)));
      };
      // With the label alone, the next LiteLLM pod is placed on the attacker's node.
      const nodes = [OWN, { name: "b" }];
      const labelled = changed(required, ["openclaw"], (spec) => spec.nodeSelector = OWN_LABEL);
      assert.ok((await next(nodes, labelled)).includes("own"));
      assert.deepEqual(await next([TAINTED, { name: "b" }], dedicated), ["b", "b"]);
      const { code, stderr } = await cluster.kubectl(["taint", "node", "own", `${TAINT.key}-`, ...asNode]);
      assert.notEqual(code, 0);
      assert.match(stderr, /is not allowed to modify taints/);
    });

    await t.step("ssh: the sandbox shares the gateway's node and no node of the keys, across namespaces", async () => {
      const orders = [["sandbox", ...KEYS_FIRST], ["openclaw", "sandbox", ...KEYS], [...KEYS, "sandbox", "openclaw"]];
      for (const nodes of [TWO, UNEVEN]) {
        for (const order of orders) {
          const places = await placed(cluster, nodes, ssh, order);
          const context = `${order}: ${JSON.stringify(places)}`;
          for (const name of order) assert.match(places[name] ?? "", /^[ab]$/, context);
          assert.equal(places["sandbox"], places["openclaw"], context);
          for (const name of KEYS) assert.notEqual(places[name], places["sandbox"], context);
        }
      }
      const { sandbox, litellm } = await placed(cluster, ONE, ssh, ["sandbox", "litellm"]);
      assert.equal(sandbox, "a");
      assert.match(litellm ?? "", OWN_RULE);
      // Control: a term without namespaces covers only its own namespace.
      const ownNamespaceOnly = changed(ssh, KEYS, (spec) => {
        for (const term of spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution) {
          delete term.namespaces;
        }
      });
      assert.deepEqual(await placed(cluster, ONE, ownNamespaceOnly, ["sandbox", "litellm"]), {
        sandbox: "a",
        litellm: "a",
      });
    });

    await t.step("runtime class and user namespaces: the API server accepts them, and the pods have them", async () => {
      const input: PackInput = {
        ...SSH,
        backup: { enabled: false },
        cluster: { runtimeClassName: "kata", userNamespaces: true },
      };
      const names = ["openclaw", "sandbox", ...KEYS];
      const objects = await overlay("prod", input);
      // Control: without the class the pod is refused.
      await reset(cluster, TWO);
      await applyObjects(cluster, deploymentsOf(objects, ["openclaw"]));
      await until("the refusal", async () => {
        const { items } = await cluster.get("replicasets", `--namespace=${NAMESPACE}`);
        return JSON.stringify(items).includes('RuntimeClass \\"kata\\" not found');
      });
      const kata = { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "kata" }, handler: "kata" };
      await applyObjects(cluster, [kata]);
      await placed(cluster, TWO, objects, names);
      const classed = { runtimeClassName: "kata", hostUsers: undefined };
      const mapped = { runtimeClassName: undefined, hostUsers: false };
      assert.deepEqual(await isolation(cluster, names), {
        openclaw: classed,
        sandbox: classed,
        litellm: mapped,
        cloudflared: mapped,
      });

      const docker = await overlay("prod", { cluster: { userNamespaces: true } });
      await placed(cluster, TWO, docker, GATEWAY_FIRST);
      await placeBackup(cluster, docker);
      assert.deepEqual(await isolation(cluster, [...GATEWAY_FIRST, "backup"]), {
        openclaw: { runtimeClassName: undefined, hostUsers: undefined },
        litellm: mapped,
        cloudflared: mapped,
        backup: mapped,
      });
    });
  },
});

/** Creates the namespaces, and a volume for each claim. The suite keeps them. */
async function createVolumes(cluster: Cluster, docker: readonly Json[], ssh: readonly Json[]): Promise<void> {
  // With the ssh sandbox the gateway's namespace would be restricted.
  const [gateway] = docker.filter(({ kind }) => kind === "Namespace");
  const namespaces = [
    gateway,
    ...ssh.filter(({ kind, metadata }) => kind === "Namespace" && metadata.name !== gateway.metadata.name),
  ];
  await applyObjects(cluster, namespaces);
  for (const { metadata: { name } } of namespaces) {
    await until(`the service account of ${name}`, async () => {
      return (await cluster.kubectl(["get", "serviceaccount", "default", "-n", name])).code === 0;
    });
  }
  const claims = ssh.filter(({ kind }) => kind === "PersistentVolumeClaim");
  await applyObjects(cluster, claims);
  await applyObjects(
    cluster,
    claims.map(({ metadata: { name, namespace }, spec }) => ({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name },
      spec: {
        accessModes: spec.accessModes,
        capacity: spec.resources.requests,
        claimRef: { name, namespace },
        // Usable on any node, as with Longhorn.
        hostPath: { path: "/nowhere" },
        storageClassName: spec.storageClassName,
      },
    })),
  );
  await until("the volumes", async () => {
    const { items } = await cluster.get("pvc", "--all-namespaces");
    return items.length === claims.length && items.every(({ status }: Json) => status.phase === "Bound");
  });
}

/** Deletes all workloads and replaces the nodes. Pods are deleted by force, because no kubelet ends them. */
async function reset(cluster: Cluster, nodes: readonly FakeNode[]): Promise<void> {
  await cluster.run([
    "delete",
    "deployments,cronjobs,jobs",
    "--all",
    "--all-namespaces",
    "--cascade=foreground",
    "--wait=false",
  ]);
  await until("the end of all pods", async () => {
    await cluster.run(["delete", "pods", "--all", "--all-namespaces", "--force", "--grace-period=0"]);
    return (await cluster.get("pods,deployments,replicasets,jobs", "--all-namespaces")).items.length === 0;
  });
  await createNodes(cluster, nodes);
}

/** Deploys workloads one by one, each after the previous one is placed or refused. Returns the placements. */
async function placed(
  cluster: Cluster,
  nodes: readonly FakeNode[],
  objects: readonly Json[],
  order: readonly string[],
): Promise<Record<string, string>> {
  await reset(cluster, nodes);
  const places: Record<string, string> = {};
  for (const name of order) {
    await applyObjects(cluster, deploymentsOf(objects, [name]));
    places[name] = await placeNow(cluster, name);
  }
  return places;
}

function deploymentsOf(objects: readonly Json[], names: readonly string[]): Json[] {
  return names.map((name) => objectOf(objects, "Deployment", name));
}

/** Starts the CronJob's Job now. Returns the placement of its pod. */
async function placeBackup(cluster: Cluster, objects: readonly Json[]): Promise<string> {
  const cronJob = objectOf(objects, "CronJob", "openclaw-backup");
  await applyObjects(cluster, [{ ...cronJob, spec: { ...cronJob.spec, suspend: true } }]);
  await cluster.run(["create", "job", "now", "--from=cronjob/openclaw-backup", `--namespace=${NAMESPACE}`]);
  return await placeNow(cluster, "backup");
}

async function podsOf(cluster: Cluster, name: string): Promise<Json[]> {
  return (await cluster.get("pods", "--all-namespaces", `--selector=app.kubernetes.io/name=${name}`)).items;
}

/** Returns the node of a workload's only remaining pod, or the reason why it has none. */
async function placeNow(cluster: Cluster, name: string): Promise<string> {
  return await until(`a place for ${name}`, async () => {
    const staying = (await podsOf(cluster, name)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return staying.length === 1 && placementOf(staying[0]);
  });
}

/** Deletes the pods of a workload, as a kubelet would after they ended. The controller creates a new one. */
async function endPods(cluster: Cluster, name: string): Promise<true> {
  const selector = `--selector=app.kubernetes.io/name=${name}`;
  await cluster.run(["delete", "pods", `--namespace=${NAMESPACE}`, selector, "--force", "--grace-period=0"]);
  return true;
}

async function isolation(cluster: Cluster, names: readonly string[]): Promise<Json> {
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => {
      const [{ spec: { runtimeClassName, hostUsers } }] = await podsOf(cluster, name);
      return [name, { runtimeClassName, hostUsers }];
    })),
  );
}

/** Returns the objects with changed pod templates of some Deployments. Tests break rules with it. */
function changed(objects: readonly Json[], names: readonly string[], change: (spec: Json) => void): Json[] {
  const copies = structuredClone([...objects]);
  for (const name of names) change(objectOf(copies, "Deployment", name).spec.template.spec);
  return copies;
}
