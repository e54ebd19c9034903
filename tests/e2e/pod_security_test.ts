/**
 * The API server's own PodSecurity admission on every generated pod (requirements B5, B10). With the ssh sandbox all pods pass
 * at `restricted`, the level of their namespaces. With the docker sandbox, one container of the gateway's pod needs more.
 *
 * @module
 */

import assert from "node:assert/strict";
import { tool } from "../support/tools.ts";
import { overlay } from "../support/runtime/objects.ts";
import { type Json, SSH } from "../support/support.ts";
import { type Cluster, givenOr, startControlPlaneOnly } from "../support/cluster/cluster.ts";
import { applyObjects, until } from "../support/cluster/kubectl.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";

const LEVEL = "pod-security.kubernetes.io/enforce";
const runtime = await tool("a Kubernetes API server", clusterRuntime);

Deno.test({
  name: "PodSecurity restricted admits every pod of a deployment with the ssh sandbox, and refuses the docker daemon",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await givenOr(startControlPlaneOnly);

    await t.step("ssh: both namespaces are restricted, and every pod is admitted", async () => {
      const objects = await overlay("prod", SSH);
      const namespaces = objects.filter(({ kind }) => kind === "Namespace");
      assert.deepEqual(namespaces.map(({ metadata }) => metadata.labels[LEVEL]), ["restricted", "restricted"]);
      await createNamespaces(cluster, namespaces);
      const pods = podsOf(objects);
      assert.deepEqual(pods.map(({ metadata }) => metadata.name).toSorted(), [
        "cloudflared",
        "litellm",
        "openclaw",
        "openclaw-backup",
        "sandbox",
      ]);
      for (const pod of pods) assert.equal(await refusal(cluster, pod), "", pod.metadata.name);

      // Control: settings that the level forbids are refused.
      const [pod] = pods;
      // The API server refuses privilege without escalation before PodSecurity checks the pod.
      const privilege = { privileged: true, allowPrivilegeEscalation: true };
      for (const context of [privilege, { runAsUser: 0, runAsNonRoot: false }, { capabilities: {} }]) {
        const worse = structuredClone(pod);
        Object.assign(worse.spec.containers[0].securityContext, context);
        assert.match(await refusal(cluster, worse), /violates PodSecurity "restricted/);
      }
    });

    await t.step("docker: only the gateway's pod needs privilege, and only for its daemon", async () => {
      const restricted = podsOf(await overlay("prod"));
      const refused = [];
      for (const pod of restricted) {
        const why = await refusal(cluster, pod);
        if (why !== "") refused.push([pod.metadata.name, why.match(/(?:containers?) "([^"]*)" must not set/)?.[1]]);
      }
      assert.deepEqual(refused, [["openclaw", "docker"]]);
    });
  },
});

async function createNamespaces(cluster: Cluster, namespaces: readonly Json[]): Promise<void> {
  await applyObjects(cluster, namespaces);
  for (const { metadata: { name } } of namespaces) {
    // Without the service account no pod is admitted at all.
    await until(`the service account of ${name}`, async () => {
      const { code } = await cluster.kubectl(["get", "serviceaccount", "default", "-n", name]);
      return code === 0;
    });
  }
}

/** Returns a pod for each Deployment and CronJob. */
function podsOf(objects: readonly Json[]): Json[] {
  return objects.flatMap(({ kind, metadata: { name, namespace }, spec }) => {
    const template = kind === "Deployment"
      ? spec.template
      : kind === "CronJob"
      ? spec.jobTemplate.spec.template
      : undefined;
    if (template === undefined) return [];
    return [{
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...template.metadata, name, namespace },
      spec: template.spec,
    }];
  });
}

/** Returns the API server's reason for refusing a pod. Empty if the pod is admitted. */
async function refusal(cluster: Cluster, pod: Json): Promise<string> {
  const { code, stderr } = await cluster.kubectl(["create", "--dry-run=server", "-f", "-"], {
    stdin: JSON.stringify(pod),
  });
  return code === 0 ? "" : stderr;
}
