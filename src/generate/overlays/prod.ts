/**
 * `overlays/prod`: the parts that only lolice needs (requirement B11): placement on its nodes, the data guard, Reloader, and
 * the Argo CD Application.
 *
 * @module
 */

import type { IApplication } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application";
import { BACKUP } from "../kubernetes/backup.ts";
import { kustomizationFile } from "../kubernetes/kustomization.ts";
import { metadata } from "../kubernetes/object.ts";
import { isOf, KEY_HOLDERS, ownNodeLabels } from "../../tables/apart.ts";
import type { Model } from "../../model/model.ts";
import type { Workload } from "../../model/workloads.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { yamlText } from "../../output/text.ts";
import type { Comment } from "../../output/yaml.ts";
import { dataGuardFiles, guardPatches } from "./data_guard.ts";
import { patchFile } from "./patch.ts";
import { placement } from "./placement.ts";
import { APPLICATION } from "../../tables/names.ts";

/** Returns every file of the overlay. */
export function prodFiles(model: Model): OutputFile[] {
  const guard = dataGuardFiles(model);
  const patches = [...guardPatches(model), ...workloadPatches(model)];
  return below("kustomize/overlays/prod", [
    ...guard,
    ...patches,
    // argoproj/kustomization.yaml lists it, because an Application that contains itself would never be in sync.
    { path: "application.yaml", text: yamlText(application(model)) },
    kustomizationFile({
      resources: ["../../base", ...guard.map(({ path }) => path)],
      patches: patches.map(({ path }) => ({ path })),
    }),
  ]);
}

function application({ config }: Model): IApplication {
  const { argocd, cluster } = config;
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    // No resources-finalizer: deleting the Application must not delete what it manages.
    metadata: metadata(APPLICATION, argocd.namespace),
    spec: {
      project: argocd.project,
      source: {
        repoURL: argocd.repoUrl,
        targetRevision: argocd.targetRevision,
        path: `${argocd.path}/overlays/prod`,
      },
      destination: { server: "https://kubernetes.default.svc", namespace: cluster.namespace },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ["CreateNamespace=true", "ServerSideApply=true"],
      },
    },
  };
}

/** Returns the patches of each workload for production: its placement, and a restart when its Secret changes. */
function workloadPatches(model: Model): OutputFile[] {
  return model.workloads.flatMap((workload) => {
    const { kind, name, namespace, readers } = workload;
    const template = { template: { spec: placement(model, workload) } };
    const placed = Object.keys(template.template.spec).length > 0;
    if (kind === "CronJob") {
      const metadata = { name: BACKUP, namespace };
      const spec = { jobTemplate: { spec: template } };
      return placed ? [patchFile({ apiVersion: "batch/v1", kind, metadata, spec })] : [];
    }
    // A Secret's name has no hash, so Reloader restarts the pod when External Secrets writes another value.
    const secrets = readers.map(({ secret }) => secret.name);
    const annotations = { "secret.reloader.stakater.com/reload": secrets.join(",") };
    const metadata = { name, namespace, annotations };
    return [
      patchFile(
        { apiVersion: "apps/v1", kind, metadata, ...(placed ? { spec: template } : {}) },
        comments(model, workload),
      ),
    ];
  });
}

function comments({ config }: Model, { name }: Workload): Comment[] {
  if (config.cluster.keysApart === "off" || !isOf(KEY_HOLDERS, name)) return [];
  const affinity = ["spec", "template", "spec", "affinity"];
  const preferred = "These nodes are dedicated to the gateway; a key holder that starts there first would block it.";
  return [
    ...(ownNodeLabels(config.cluster.nodeSelector).length === 0
      ? []
      : [[[...affinity, "nodeAffinity"], preferred] as const]),
    [
      [...affinity, "podAntiAffinity"],
      "An attacker who controls the node of a pod that runs the agent's commands must find no key there.",
    ],
  ];
}
