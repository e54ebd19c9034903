/**
 * The overlay with the user's own values: what `trial init` writes, once.
 *
 * @module
 */

import { STATE_CLAIM } from "../../generate/kubernetes/storage.ts";
import { trialReaders, trialReads } from "../../generate/overlays/trial.ts";
import type { Model } from "../../model/model.ts";
import type { OutputFile } from "../../output/file.ts";
import { OWN_OVERLAY, TRIAL_OVERLAY } from "./overlay.ts";
import { secretKey } from "../../tables/secrets.ts";

/**
 * The files, at their paths in the project. As they are they change nothing: every value is a line in a comment, beside an
 * operation that tests what is so anyway, since a patch must do something.
 */
export function ownOverlay(model: Model): OutputFile[] {
  return [
    // Git must not see what is in this folder, this file included.
    { path: `${OWN_OVERLAY}/.gitignore`, text: "*\n" },
    { path: `${OWN_OVERLAY}/kustomization.yaml`, text: kustomization(model) },
  ];
}

function kustomization(model: Model): string {
  const patches = trialReaders(model).flatMap((reader) => {
    // What two readers share would have to be set twice, and is nobody else's to know.
    const rows = trialReads(reader).filter(({ secret }) => secret.readers.length === 1);
    if (rows.length === 0) return [];
    const values = rows.map(({ secret: { name, source, fake } }) => {
      const value = source.kind === "random" ? fake : "...";
      return [
        `# ${source.where}`,
        `# - { op: add, path: /stringData/${secretKey(name)}, value: ${JSON.stringify(value)} }`,
      ];
    });
    return [patch("Secret", reader.secret.name, reader.namespace, values.flat())];
  });
  const { namespace } = model.config.cluster;
  const storage = [
    "# a storage class of your cluster, where it has no standard (kubectl get storageclass)",
    '# - { op: add, path: /spec/storageClassName, value: "..." }',
  ];
  return `# Values of your own for the local trial. This file is yours: git does not see it, and gen never writes it.
# Take away the "# " before the "- { op: add" of a line, put a value in, and run: deno task trial up
# LiteLLM answers by mock until ANTHROPIC_API_KEY begins with sk-ant-.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ${relative(TRIAL_OVERLAY)}
patches:
${[...patches, patch("PersistentVolumeClaim", STATE_CLAIM, namespace, storage)].join("")}`;
}

function patch(kind: string, name: string, namespace: string, lines: readonly string[]): string {
  return `  - target: { kind: ${kind}, name: ${name}, namespace: ${namespace} }
    patch: |
      - { op: test, path: /kind, value: ${kind} }
${lines.map((line) => `      ${line}\n`).join("")}`;
}

/** A sibling of the folder that the file is in. */
function relative(overlay: string): string {
  return `../${overlay.split("/").at(-1)}`;
}
