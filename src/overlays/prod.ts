/**
 * `overlays/prod`: what only lolice has (SPEC B11): its nodes, the data guard, Reloader, and the Argo CD Application.
 *
 * @module
 */

import type { IApplication } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application";
import { kustomizationFile } from "../kubernetes/kustomization.ts";
import { metadata } from "../kubernetes/object.ts";
import type { Model } from "../model/model.ts";
import { below, type OutputFile } from "../output/file.ts";
import { yamlText } from "../output/text.ts";
import { patchFile } from "./patch.ts";
import { dataGuardFiles, guardPatches } from "./data_guard.ts";

/** Name of the Argo CD Application. */
export const APPLICATION = "openclaw";

/** Every file of the overlay. */
export function prodFiles(model: Model): OutputFile[] {
  const guard = dataGuardFiles(model);
  const patches = [...guardPatches(model), ...deploymentPatches(model)];
  return below("kustomize/overlays/prod", [
    ...guard,
    ...patches,
    // Listed in argoproj/kustomization.yaml, not here: an Application that contains itself would never settle.
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

function deploymentPatches({ config, workloads }: Model): OutputFile[] {
  const { nodeSelector } = config.cluster;
  return workloads.filter(({ kind }) => kind === "Deployment").map(({ name, namespace: own, secret }) =>
    patchFile({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        name,
        namespace: own,
        // A Secret's name has no hash: Reloader restarts the pod when External Secrets writes another value.
        annotations: { "secret.reloader.stakater.com/reload": secret.name },
      },
      ...(name === "openclaw" ? { spec: { template: { spec: { nodeSelector } } } } : {}),
    })
  );
}
