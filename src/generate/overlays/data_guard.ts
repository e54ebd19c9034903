/**
 * The data guard (requirement B12): the state volume, the workspace, the archives, the spend record and their namespace survive
 * pruning, a deleted Application and a mistaken `kubectl delete`. An agent once deleted a game server's volume through Argo CD,
 * and all data was lost.
 *
 * Argo CD's own options stop Argo CD; the admission policy stops every other client. Deleting on purpose takes two steps:
 * annotate the object, then delete it. An admission policy cannot protect policies, so a finalizer keeps the guard in force
 * while it is being deleted. Otherwise a second `kubectl delete -k` would succeed, because the first one had deleted the guard.
 *
 * @module
 */

import type { IValidatingAdmissionPolicy } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy";
import type { IValidatingAdmissionPolicyBinding } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding";
import { clusterMetadata, type Metadata, objectFile } from "../kubernetes/object.ts";
import { claimNames } from "../kubernetes/storage.ts";
import type { Model } from "../../model/model.ts";
import type { OutputFile } from "../../output/file.ts";
import { patchFile } from "./patch.ts";
import { DATA_GUARD } from "../../tables/names.ts";

/** Set to "true", it allows the deletion of this object. */
const ALLOW_ANNOTATION = "openclaw-pack/allow-deletion";
/** The finalizer of the guard, which has to be removed manually before its deletion completes. */
const FINALIZER = "openclaw-pack/data-guard";
const SYNC_OPTIONS = { "argocd.argoproj.io/sync-options": "Prune=false,Delete=false" };

/** Returns the policy and its binding. */
export function dataGuardFiles(model: Model): OutputFile[] {
  return [objectFile(policy(model)), objectFile(binding())];
}

/** Returns patches that keep Argo CD from pruning or deleting what is guarded. */
export function guardPatches(model: Model): OutputFile[] {
  const rows = claimNames(model.config);
  const namespaces = [...new Set(rows.map(({ namespace }) => namespace))];
  return [
    ...namespaces.map((name) =>
      patchFile({ apiVersion: "v1", kind: "Namespace", metadata: { name, annotations: SYNC_OPTIONS } })
    ),
    ...rows.map(({ namespace, name }) =>
      patchFile({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name, namespace, annotations: SYNC_OPTIONS },
      })
    ),
  ];
}

/**
 * Objects are matched by name, because a label could be removed, and the guard with it. The name comes from the object, because
 * the request of a collection's deletion has none.
 */
const NAME = "oldObject.metadata.name";

/** Returns an expression for a volume in use. Once the claim is deleted, the provisioner must be able to delete the volume. */
function boundTo(namespace: string, claim: string): string {
  // dyn() is needed because types are checked for each kind of object, and only a volume has these fields.
  const field = (path: string) => `dyn(oldObject).?${path}.orValue('')`;
  return `${field("status.phase")} == 'Bound' && ` +
    `${field("spec.claimRef.namespace")} == '${namespace}' && ${field("spec.claimRef.name")} == '${claim}'`;
}

function policy(model: Model): IValidatingAdmissionPolicy {
  const isGuarded = claimNames(model.config).map(({ namespace, name }) =>
    `(request.resource.resource == 'namespaces' ? ${NAME} == '${namespace}' : ` +
    `request.resource.resource == 'persistentvolumes' ? ${boundTo(namespace, name)} : ` +
    `request.namespace == '${namespace}' && ${NAME} == '${name}')`
  );
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: guardMetadata(),
    spec: {
      failurePolicy: "Fail",
      // Defaults are explicit, as in ExternalSecrets, because Argo CD would show them as drift.
      matchConstraints: {
        matchPolicy: "Equivalent",
        namespaceSelector: {},
        objectSelector: {},
        resourceRules: [{
          apiGroups: [""],
          apiVersions: ["v1"],
          operations: ["DELETE"],
          resources: ["namespaces", "persistentvolumeclaims", "persistentvolumes"],
          scope: "*",
        }],
      },
      matchConditions: [{ name: "guarded", expression: isGuarded.join(" || ") }],
      validations: [{
        expression: `oldObject.metadata.?annotations['${ALLOW_ANNOTATION}'].orValue('') == 'true'`,
        messageExpression: `"openclaw-pack guards the data of " + oldObject.metadata.name + ` +
          `": to delete it on purpose, first annotate it with ${ALLOW_ANNOTATION}=true"`,
        message: `guarded by openclaw-pack: to delete it on purpose, first annotate it with ${ALLOW_ANNOTATION}=true`,
        reason: "Forbidden",
      }],
    },
  };
}

function guardMetadata(): Metadata {
  return { ...clusterMetadata(DATA_GUARD), annotations: SYNC_OPTIONS, finalizers: [FINALIZER] };
}

function binding(): IValidatingAdmissionPolicyBinding {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: guardMetadata(),
    spec: { policyName: DATA_GUARD, validationActions: ["Deny"] },
  };
}
