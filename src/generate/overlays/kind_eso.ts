/**
 * `overlays/kind-eso`: the local trial with the real External Secrets Operator (requirement C2). The ExternalSecrets stay as they are;
 * a ClusterSecretStore of the operator's fake provider, filled from the fake SSM store, stands in SSM's place.
 *
 * @module
 */

import type { IClusterSecretStore } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ClusterSecretStore";
import { kustomizationFile } from "../kubernetes/kustomization.ts";
import { clusterMetadata, objectFile } from "../kubernetes/object.ts";
import type { Model } from "../../model/model.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { fromFakeSsm } from "./fake_ssm.ts";

/** Every file of the overlay. */
export function kindEsoFiles(model: Model): OutputFile[] {
  const { secretStore } = model.config.cluster;
  const { secrets } = model;
  const store: IClusterSecretStore = {
    apiVersion: "external-secrets.io/v1",
    kind: "ClusterSecretStore",
    metadata: clusterMetadata(secretStore),
    spec: {
      provider: {
        // Filled by the replacements of kustomization.yaml; the operator refuses an empty value.
        fake: { data: secrets.map(({ parameter }) => ({ key: parameter, value: "filled by kustomize" })) },
      },
    },
  };
  const file = objectFile(store);
  return below("kustomize/overlays/kind-eso", [
    file,
    kustomizationFile({
      resources: ["../../base", file.path],
      components: ["../trial"],
      replacements: secrets.map(({ name }, index) =>
        fromFakeSsm(name, [{
          select: { kind: "ClusterSecretStore", name: secretStore },
          fieldPaths: [`spec.provider.fake.data.${index}.value`],
        }])
      ),
    }),
  ]);
}
