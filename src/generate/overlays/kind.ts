/**
 * `overlays/kind`: the local trial without an operator (requirement C1). Kustomize creates each workload's Secret from the fake
 * SSM store, with only the keys of its ExternalSecret.
 *
 * @module
 */

import type { ISecret } from "kubernetes-models/v1/Secret";
import { kustomizationFile } from "../kubernetes/kustomization.ts";
import { metadata, objectFile } from "../kubernetes/object.ts";
import type { Model } from "../../model/model.ts";
import type { Reader } from "../../model/workloads.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { fromFakeSsm, type Replacement } from "./fake_ssm.ts";
import { deleteExternalSecret, trialReaders } from "./trial.ts";
import { secretKey } from "../../tables/secrets.ts";

/** Returns every file of the overlay. */
export function kindFiles(model: Model): OutputFile[] {
  const readers = trialReaders(model);
  const secrets = readers.map(secretFile);
  const patches = readers.map(deleteExternalSecret);
  return below("kustomize/overlays/kind", [
    ...secrets,
    ...patches,
    kustomizationFile({
      resources: ["../../base", ...secrets.map(({ path }) => path)],
      components: ["../trial"],
      patches: patches.map(({ path }) => ({ path })),
      replacements: readers.flatMap(replacements),
    }),
  ]);
}

function secretFile({ namespace, secret }: Reader): OutputFile {
  const object: ISecret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata(secret.name, namespace),
    type: "Opaque",
  };
  return objectFile(object);
}

function replacements({ reads, secret }: Reader): Replacement[] {
  return reads.map((row) =>
    fromFakeSsm(row.secret.name, [{
      select: { kind: "Secret", name: secret.name },
      fieldPaths: [`stringData.${secretKey(row.secret.name)}`],
      options: { create: true },
    }])
  );
}
