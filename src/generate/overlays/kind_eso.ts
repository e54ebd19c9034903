/**
 * `overlays/kind-eso`: the local trial with the real External Secrets Operator (requirement C2). The ExternalSecrets are
 * unchanged; a ClusterSecretStore of the operator's fake provider, filled from the fake SSM store, replaces SSM.
 *
 * @module
 */

import type { IClusterSecretStore } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ClusterSecretStore";
import { kustomizationFile } from "../kubernetes/kustomization.ts";
import { clusterMetadata, objectFile } from "../kubernetes/object.ts";
import type { Model } from "../../model/model.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { fromFakeSsm } from "./fake_ssm.ts";

/** Returns every file of the overlay. */
export function kindEsoFiles(model: Model): OutputFile[] {
  const { secretStore } = model.config.cluster;
  const { secrets } = model;
  const store: IClusterSecretStore = {
    apiVersion: "external-secrets.io/v1",
    kind: "ClusterSecretStore",
    metadata: clusterMetadata(secretStore),
    spec: {
      provider: {
        // The replacements of kustomization.yaml set the values; the operator refuses an empty value.
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
