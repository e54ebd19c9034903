/**
 * The fake SSM store of the trials: one object with a plainly fake value for every parameter. It is only a file and never
 * reaches a cluster; kustomize copies its values to where the real ones would be.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { yamlText } from "../../output/text.ts";
import type { OutputFile } from "../../output/file.ts";
import type { SecretName } from "../../tables/secrets.ts";

const NAME = "fake-ssm";

/** Returns the store's file. */
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
        `Each key represents the parameter ${model.config.aws.ssmPrefix}<key>.\n` +
        "To use your own values, see docs/getting-started.md; the values in this file are public.",
      ],
      [
        ["data", "ANTHROPIC_API_KEY" satisfies SecretName],
        "LiteLLM answers with a mock until this begins with sk-ant-.",
      ],
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

/** Returns a replacement that copies the value of one parameter to `targets`. */
export function fromFakeSsm(secretName: string, targets: Replacement["targets"]): Replacement {
  return { source: { kind: "ConfigMap", name: NAME, fieldPath: `data.${secretName}` }, targets };
}
