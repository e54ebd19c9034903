/**
 * ExternalSecrets: each workload's own Secret, with what it reads and nothing else (requirement B2).
 *
 * @module
 */

import type { IExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret";
import { type Model, readersOf, secretsOf } from "../../model/model.ts";
import type { Reader } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { objectFile, workloadMetadata } from "./object.ts";
import { secretKey } from "../../tables/secrets.ts";

/** One file for each reader of the namespace. */
export function externalSecretFiles(model: Model, namespace: string): OutputFile[] {
  return readersOf(model)
    .filter((reader) => reader.namespace === namespace)
    .map((reader) => objectFile(externalSecret(model, reader)));
}

/** The ExternalSecret of one reader. */
export function externalSecret(model: Model, { name, pod, secret }: Reader): IExternalSecret {
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: workloadMetadata(pod, secret.externalSecret),
    spec: {
      refreshInterval: "1h",
      secretStoreRef: { kind: "ClusterSecretStore", name: model.config.cluster.secretStore },
      target: {
        name: secret.name,
        // Defaults are written out: Argo CD would show what the API server adds as drift (lolice).
        creationPolicy: "Owner",
        deletionPolicy: "Retain",
      },
      data: secretsOf(model, name).map(({ secret }) => ({
        secretKey: secretKey(secret.name),
        remoteRef: {
          key: secret.parameter,
          conversionStrategy: "Default",
          decodingStrategy: "None",
          metadataPolicy: "None",
        },
      })),
    },
  };
}
