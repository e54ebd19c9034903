/**
 * Validates objects against the schemas of kubernetes-models, which are generated from the APIs.
 *
 * @module
 */

import { Application } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application";
import { ClusterSecretStore } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ClusterSecretStore";
import { ExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret";
import { ValidatingAdmissionPolicy } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy";
import { ValidatingAdmissionPolicyBinding } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { CronJob } from "kubernetes-models/batch/v1/CronJob";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";
import { parseAllDocuments } from "yaml";

/** Every kind that the pack generates. */
const MODELS = [
  Application,
  ClusterSecretStore,
  ConfigMap,
  CronJob,
  Deployment,
  ExternalSecret,
  Namespace,
  NetworkPolicy,
  PersistentVolumeClaim,
  Secret,
  Service,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
];

/** Returns each object in a stream of YAML documents. */
export function objectsOf(text: string): Record<string, unknown>[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown>);
}

/** Returns what is wrong with the objects in a stream of YAML documents. An unknown kind is an error too. */
export function validateAll(text: string): string[] {
  return objectsOf(text).flatMap((object) => {
    const model = MODELS.find(({ apiVersion, kind }) => apiVersion === object["apiVersion"] && kind === object["kind"]);
    if (model === undefined) return [`${object["apiVersion"]} ${object["kind"]}: not a kind that this pack writes`];
    try {
      new model(object as never).validate();
      return [];
    } catch (error) {
      return [`${object["kind"]}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
