/**
 * Pods that belong to no workload, for the reachability table.
 *
 * @module
 */

import type { Model } from "../../../src/model/model.ts";
import { namespacesOf, workloadOf } from "../../../src/model/model.ts";
import { selectorLabels } from "../../../src/model/workloads.ts";
import type { Cluster } from "./cluster.ts";
import { PROBE_IMAGE } from "./images.ts";
import { applyObjects, until } from "./kubectl.ts";

/** A pod that belongs to no workload. */
export interface Bystander {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Returns one pod without labels in each of our namespaces, and in other namespaces pods that resemble those of flows. */
export function bystanders(model: Model): Bystander[] {
  const own = namespacesOf(model);
  const lookalikes = (["cloudflared", "openclaw", "litellm"] as const).map((name) => ({
    name: `like-${name}`,
    namespace: "elsewhere",
    labels: selectorLabels(workloadOf(model, name)),
  }));
  const named = model.flows.flatMap(({ to }) => to.kind === "pods" ? [to.pods] : []);
  return [
    ...own.map((namespace) => ({ name: "stranger", namespace, labels: {} })),
    {
      name: "argocd-server",
      namespace: model.config.argocd.namespace,
      labels: { "app.kubernetes.io/name": "argocd-server" },
    },
    { name: "other", namespace: "kube-system", labels: { "k8s-app": "other" } },
    ...lookalikes,
    { name: "like-kube-dns", namespace: "elsewhere", labels: { "k8s-app": "kube-dns" } },
    ...named.flatMap(({ namespace, labels }, index) => [
      { name: `named-${index}`, namespace, labels },
      { name: `named-${index}`, namespace: "elsewhere", labels },
    ]),
  ];
}

/** Creates the pods that belong to no workload, as soon as our namespaces exist. */
export async function startBystanders(cluster: Cluster, model: Model): Promise<void> {
  const pods = bystanders(model);
  const ours = ["kube-system", ...namespacesOf(model)];
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))].filter((name) => !ours.includes(name))
    .map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
  const objects = pods.map(({ name, namespace, labels }) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [{
        name: "probe",
        image: PROBE_IMAGE,
        // Listeners are started in its network separately. This process only keeps the pod running.
        args: ["serve", name, "127.0.0.1:10000"],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      }],
    },
  }));
  await applyObjects(cluster, namespaces);
  // A namespace admits no pod before it has its service account.
  await until("the bystanders", async () => {
    await applyObjects(cluster, objects);
    return true;
  });
  for (const { name, namespace } of pods) {
    await cluster.run(["wait", "-n", namespace, `pod/${name}`, "--for=condition=Ready", "--timeout=60s"]);
  }
}
