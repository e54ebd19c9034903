/**
 * ExternalSecrets, which fill each workload's Secret with only what it reads (requirement B2).
 *
 * @module
 */

import type { IExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret";
import type { Reader } from "../../model/workloads.ts";
import type { OutputFile } from "../../output/file.ts";
import { objectFile, workloadMetadata } from "./object.ts";
import { secretKey } from "../../tables/secrets.ts";

/** Returns the file of one reader's ExternalSecret, which reads from the ClusterSecretStore `store`. */
export function externalSecretFile(reader: Reader, store: string): OutputFile {
  return objectFile(externalSecret(reader, store));
}

function externalSecret({ pod, reads, secret }: Reader, store: string): IExternalSecret {
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: workloadMetadata(pod, secret.externalSecret),
    spec: {
      refreshInterval: "1h",
      secretStoreRef: { kind: "ClusterSecretStore", name: store },
      target: {
        name: secret.name,
        // Defaults are explicit, because Argo CD would show defaults that the API server adds as drift (lolice).
        creationPolicy: "Owner",
        deletionPolicy: "Retain",
      },
      data: reads.map(({ secret }) => ({
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
