/**
 * The fake SSM store of the trials: one object with a plainly fake value for every parameter. It is in the file
 * tree and never reaches a cluster; kustomize copies its values to where the real ones would be.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { yamlText } from "../../output/text.ts";
import type { OutputFile } from "../../output/file.ts";
import type { SecretName } from "../../tables/secrets.ts";

const NAME = "fake-ssm";

/** The store's file. */
export function fakeSsmFile(model: Model): OutputFile {
  return {
    path: `${NAME}.yaml`,
    text: yamlText({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: NAME, annotations: { "config.kubernetes.io/local-config": "true" } },
      data: Object.fromEntries(model.secrets.map(({ name, fake }) => [name, fake])),
    }, [
      [
        ["data"],
        `Each key stands for the parameter ${model.config.aws.ssmPrefix}<key>.\n` +
        "For values of your own: docs/getting-started.md; what stands here is public.",
      ],
      [["data", "ANTHROPIC_API_KEY" satisfies SecretName], "LiteLLM answers by mock until this begins with sk-ant-."],
    ]),
  };
}

/** A replacement: one value of the store, copied to a field of an object. */
export interface Replacement {
  readonly source: { readonly kind: "ConfigMap"; readonly name: string; readonly fieldPath: string };
  readonly targets: readonly {
    readonly select: { readonly kind: string; readonly name: string };
    readonly fieldPaths: readonly string[];
    readonly options?: { readonly create: boolean };
  }[];
}

/** Copies the value of one parameter to where `targets` says. */
export function fromFakeSsm(secretName: string, targets: Replacement["targets"]): Replacement {
  return { source: { kind: "ConfigMap", name: NAME, fieldPath: `data.${secretName}` }, targets };
}
