/**
 * Where the real scheduler puts the pods of overlays/prod (requirement E6): keys never on a node where the agent's commands run,
 * whichever came first; nobody locked out; the gateway's own node for whom it is meant. The nodes are objects without a kubelet.
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
import { type MadeNode, makeNodes, placeOf } from "../support/cluster/nodes.ts";

const runtime = await tool("a Kubernetes scheduler", clusterRuntime);

const NAMESPACE = "openclaw";
const KEYS = ["litellm", "cloudflared"];
const GATEWAY_FIRST = ["openclaw", ...KEYS];
const KEYS_FIRST = [...KEYS, "openclaw"];
const ORDERS = [GATEWAY_FIRST, KEYS_FIRST, ["cloudflared", "openclaw", "litellm"]];

const ONE: readonly MadeNode[] = [{ name: "a" }];
const TWO: readonly MadeNode[] = [{ name: "a" }, { name: "b" }];
/** Left alone, the scheduler puts everything on the large one. */
const UNEVEN: readonly MadeNode[] = [{ name: "a", cores: 64 }, { name: "b" }];
const THREE: readonly MadeNode[] = [...UNEVEN, { name: "c" }];

/** The gateway's own node: labelled, and the largest. */
const OWN_LABEL = { "example.com/openclaw": "gateway" };
const OWN: MadeNode = { name: "own", cores: 64, labels: OWN_LABEL };
const TAINT = { key: "example.com/openclaw", value: "gateway", effect: "NoSchedule" };
const TAINTED: MadeNode = { ...OWN, taints: [TAINT] };
const DEDICATED: PackInput = {
  cluster: {
    nodeSelector: OWN_LABEL,
    tolerations: [{ key: TAINT.key, value: TAINT.value, effect: "NoSchedule" }],
  },
};

const keysApart = (mode: "required" | "preferred" | "off"): PackInput => ({ cluster: { keysApart: mode } });

/** Somebody else's. */
const BYSTANDER = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "bystander", namespace: "default", labels: { "app.kubernetes.io/name": "bystander" } },
  spec: { containers: [{ name: "bystander", image: "bystander:1.0.0" }] },
};

/** What the scheduler says when a pod's own rule, or the rule of one that is there, leaves no node. */
const OWN_RULE = /didn't match pod anti-affinity rules/;
const THEIR_RULE = /didn't satisfy existing pods anti-affinity rules/;

Deno.test({
  name: "the scheduler keeps keys off the nodes where the agent's commands run, and locks nobody out",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await startControlPlaneOnly({ scheduler: true });
    const required = await overlay("prod", {});
    const preferred = await overlay("prod", keysApart("preferred"));
    const off = await overlay("prod", keysApart("off"));
    const ssh = await overlay("prod", SSH);
    const dedicated = await overlay("prod", DEDICATED);
    await makeVolumes(cluster, required, ssh);

    await t.step("required: two nodes or three, whoever comes first", async () => {
      for (const nodes of [TWO, UNEVEN, THREE]) {
        for (const order of ORDERS) {
          const places = await placed(cluster, nodes, required, order);
          const told = `${order} on ${nodes.length}: ${JSON.stringify(places)}`;
          for (const name of order) assert.match(places[name] ?? "", /^[abc]$/, told);
          for (const name of KEYS) assert.notEqual(places[name], places["openclaw"], told);
        }
      }
    });

    await t.step("required: one node takes one side, and the scheduler says why not the other", async () => {
      const first = await placed(cluster, ONE, required, GATEWAY_FIRST);
      assert.equal(first["openclaw"], "a");
      for (const name of KEYS) assert.match(first[name] ?? "", OWN_RULE, name);
      // The gateway has no rule of its own; those that are there have.
      const second = await placed(cluster, ONE, required, KEYS_FIRST);
      for (const name of KEYS) assert.equal(second[name], "a", name);
      assert.match(second["openclaw"] ?? "", THEIR_RULE);
    });

    await t.step("seen red: without the rule they meet, without the leaning the gateway is locked out", async () => {
      const together = { openclaw: "a", litellm: "a", cloudflared: "a" };
      const bare = changed(required, KEYS, (spec) => delete spec.affinity.podAntiAffinity);
      for (const nodes of [ONE, UNEVEN]) {
        for (const order of ORDERS) assert.deepEqual(await placed(cluster, nodes, bare, order), together);
      }
      const unleaning = changed(required, ["cloudflared"], (spec) => delete spec.affinity.podAffinity);
      const { litellm, cloudflared, openclaw } = await placed(cluster, TWO, unleaning, KEYS_FIRST);
      assert.deepEqual([litellm, cloudflared].toSorted(), ["a", "b"]);
      assert.match(openclaw ?? "", THEIR_RULE);
    });

    await t.step("preferred: apart where there are two nodes, together where there is one", async () => {
      for (const order of ORDERS) {
        const places = await placed(cluster, UNEVEN, preferred, order);
        for (const name of KEYS) {
          assert.notEqual(places[name], places["openclaw"], `${order} ${JSON.stringify(places)}`);
        }
        assert.deepEqual(new Set(Object.values(places)), new Set(["a", "b"]));
        assert.deepEqual(new Set(Object.values(await placed(cluster, ONE, preferred, order))), new Set(["a"]));
      }
    });

    await t.step("off, and a trial: one node is enough, and on two nobody looks", async () => {
      for (const nodes of [ONE, UNEVEN]) {
        assert.deepEqual(new Set(Object.values(await placed(cluster, nodes, off, KEYS_FIRST))), new Set(["a"]));
      }
      const trial = await overlay("kind", {});
      assert.deepEqual(await placed(cluster, ONE, trial, ["openclaw", "litellm"]), { openclaw: "a", litellm: "a" });
    });

    await t.step(
      "rollouts: cloudflared's next pod fits beside its last, LiteLLM's and the gateway's come back; the backup follows it",
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
        await until("cloudflared's next pod", async () => {
          const places = (await podsOf(cluster, "cloudflared")).map(placeOf);
          return places.length === 2 && places.every((place) => place === "b");
        });
        // Recreate: the last one first has to end.
        for (const name of ["litellm", "openclaw"] as const) {
          await until(`the end of ${name}'s last pod`, async () => {
            const pods = await podsOf(cluster, name);
            return pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined) &&
              await endPods(cluster, name);
          });
        }
        assert.equal(await placeNow(cluster, "litellm"), "b");
        assert.equal(await placeNow(cluster, "openclaw"), "a");
        assert.equal(await backUp(cluster, required), "a");
      },
    );

    await t.step("a node of the gateway's own: it and the backup go there, and nobody else", async () => {
      for (const order of ORDERS) {
        const places = await placed(cluster, [TAINTED, { name: "b" }], dedicated, order);
        assert.deepEqual(places, { openclaw: "own", litellm: "b", cloudflared: "b" }, `${order}`);
      }
      assert.equal(await backUp(cluster, dedicated), "own");
      await applyObjects(cluster, [BYSTANDER]);
      assert.equal(await placeNow(cluster, "bystander"), "b");
      // What `deno task restore` makes of the CronJob in the cluster.
      const cronJob = await cluster.get("cronjob", "openclaw-backup", `--namespace=${NAMESPACE}`);
      const pod = restorePod(cronJob, { args: ["list"], besideGateway: true, name: "x" });
      const named = { ...pod, metadata: { ...pod.metadata, labels: { "app.kubernetes.io/name": "restore" } } };
      await cluster.run(["create", "-f", "-"], { stdin: JSON.stringify(named) });
      assert.equal(await placeNow(cluster, "restore"), "own");
    });

    await t.step("seen red: without the toleration neither the gateway nor the backup gets there", async () => {
      const untolerated = changed(dedicated, ["openclaw"], (spec) => delete spec.tolerations);
      const { openclaw } = await placed(cluster, [TAINTED, { name: "b" }], untolerated, GATEWAY_FIRST);
      assert.match(openclaw ?? "", /untolerated taint/);
      await placed(cluster, [TAINTED, { name: "b" }], dedicated, GATEWAY_FIRST);
      const objects = structuredClone(dedicated);
      delete objectOf(objects, "CronJob", "openclaw-backup").spec.jobTemplate.spec.template.spec.tolerations;
      assert.match(await backUp(cluster, objects), /untolerated taint/);
    });

    await t.step(
      "a node that is set aside by its label alone: keys that come first leave it to the gateway",
      async () => {
        const nodes = [OWN, { name: "b" }];
        assert.deepEqual(await placed(cluster, nodes, dedicated, KEYS_FIRST), {
          openclaw: "own",
          litellm: "b",
          cloudflared: "b",
        });
        const unleaning = changed(dedicated, KEYS, (spec) => delete spec.affinity.nodeAffinity);
        const { litellm, openclaw } = await placed(cluster, nodes, unleaning, KEYS_FIRST);
        assert.equal(litellm, "own");
        assert.match(openclaw ?? "", THEIR_RULE);
        // docs/troubleshooting.md: the way back.
        await cluster.run(["cordon", "own"]);
        for (const name of KEYS) await endPods(cluster, name);
        for (const name of KEYS) assert.equal(await placeNow(cluster, name), "b", name);
        await cluster.run(["uncordon", "own"]);
        await until("the gateway", async () => await placeNow(cluster, "openclaw") === "own");
      },
    );

    await t.step("a node that was taken can drop the label that the rule goes by, but not the taint", async () => {
      const asNode = ["--as=system:node:own", "--as-group=system:nodes", "--as-group=system:authenticated"];
      const drop = () => cluster.run(["label", "node", "own", "kubernetes.io/hostname-", ...asNode]);
      const next = async (nodes: readonly MadeNode[], objects: readonly Json[]) => {
        await placed(cluster, nodes, objects, GATEWAY_FIRST);
        await drop();
        for (const name of KEYS) await endPods(cluster, name);
        return await Promise.all(KEYS.map((name) => placeNow(cluster, name)));
      };
      // By the label alone, the next LiteLLM comes to the attacker.
      const nodes = [OWN, { name: "b" }];
      const labelled = changed(required, ["openclaw"], (spec) => spec.nodeSelector = OWN_LABEL);
      assert.ok((await next(nodes, labelled)).includes("own"));
      assert.deepEqual(await next([TAINTED, { name: "b" }], dedicated), ["b", "b"]);
      const { code, stderr } = await cluster.kubectl(["taint", "node", "own", `${TAINT.key}-`, ...asNode]);
      assert.notEqual(code, 0);
      assert.match(stderr, /is not allowed to modify taints/);
    });

    await t.step("ssh: the sandbox stays with the gateway, and away from the keys, across namespaces", async () => {
      const orders = [["sandbox", ...KEYS_FIRST], ["openclaw", "sandbox", ...KEYS], [...KEYS, "sandbox", "openclaw"]];
      for (const nodes of [TWO, UNEVEN]) {
        for (const order of orders) {
          const places = await placed(cluster, nodes, ssh, order);
          const told = `${order}: ${JSON.stringify(places)}`;
          for (const name of order) assert.match(places[name] ?? "", /^[ab]$/, told);
          assert.equal(places["sandbox"], places["openclaw"], told);
          for (const name of KEYS) assert.notEqual(places[name], places["sandbox"], told);
        }
      }
      const { sandbox, litellm } = await placed(cluster, ONE, ssh, ["sandbox", "litellm"]);
      assert.equal(sandbox, "a");
      assert.match(litellm ?? "", OWN_RULE);
      // Seen red: a term without namespaces looks at its own.
      const blind = changed(ssh, KEYS, (spec) => {
        for (const term of spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution) {
          delete term.namespaces;
        }
      });
      assert.deepEqual(await placed(cluster, ONE, blind, ["sandbox", "litellm"]), { sandbox: "a", litellm: "a" });
    });

    await t.step("runtime and user namespaces: the API server takes them, and they are in the pods", async () => {
      const input: PackInput = {
        ...SSH,
        backup: { enabled: false },
        cluster: { runtimeClassName: "kata", userNamespaces: true },
      };
      const names = ["openclaw", "sandbox", ...KEYS];
      const objects = await overlay("prod", input);
      // Seen red: the class has to be there.
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
      await backUp(cluster, docker);
      assert.deepEqual(await isolation(cluster, [...GATEWAY_FIRST, "backup"]), {
        openclaw: { runtimeClassName: undefined, hostUsers: undefined },
        litellm: mapped,
        cloudflared: mapped,
        backup: mapped,
      });
    });
  },
});

/** Namespaces, and a volume for each claim, which the suite keeps. */
async function makeVolumes(cluster: Cluster, docker: readonly Json[], ssh: readonly Json[]): Promise<void> {
  // With the ssh sandbox the gateway's would be restricted.
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
        // As Longhorn's: whatever node it is.
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

/** No workload and no other nodes than these. Without a kubelet no pod ends by itself. */
async function reset(cluster: Cluster, nodes: readonly MadeNode[]): Promise<void> {
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
  await makeNodes(cluster, nodes);
}

/** Deploys in an order, each once the one before has its place, and gives the places. */
async function placed(
  cluster: Cluster,
  nodes: readonly MadeNode[],
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

/** The backup's pod of tonight, by the CronJob of some objects. */
async function backUp(cluster: Cluster, objects: readonly Json[]): Promise<string> {
  const cronJob = objectOf(objects, "CronJob", "openclaw-backup");
  await applyObjects(cluster, [{ ...cronJob, spec: { ...cronJob.spec, suspend: true } }]);
  await cluster.run(["create", "job", "now", "--from=cronjob/openclaw-backup", `--namespace=${NAMESPACE}`]);
  return await placeNow(cluster, "backup");
}

async function podsOf(cluster: Cluster, name: string): Promise<Json[]> {
  return (await cluster.get("pods", "--all-namespaces", `--selector=app.kubernetes.io/name=${name}`)).items;
}

/** Where the one pod of a workload is that is to stay, or why nowhere. */
async function placeNow(cluster: Cluster, name: string): Promise<string> {
  return await until(`a place for ${name}`, async () => {
    const staying = (await podsOf(cluster, name)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return staying.length === 1 && placeOf(staying[0]);
  });
}

/** Takes the pods of a workload away, as a kubelet would that ends them; its controller makes another. */
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

/** The objects with the pods of some Deployments changed: how a test breaks a rule. */
function changed(objects: readonly Json[], names: readonly string[], change: (spec: Json) => void): Json[] {
  const copies = structuredClone([...objects]);
  for (const name of names) change(objectOf(copies, "Deployment", name).spec.template.spec);
  return copies;
}
