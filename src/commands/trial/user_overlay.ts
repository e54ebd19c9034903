/**
 * The overlay with the user's own values, which `trial init` creates once.
 *
 * @module
 */

import { trialClaims, trialReaders, trialReads } from "../../generate/overlays/trial.ts";
import type { Model } from "../../model/model.ts";
import type { OutputFile } from "../../output/file.ts";
import { OWN_OVERLAY, TRIAL_OVERLAY } from "./overlay.ts";
import { secretKey } from "../../tables/secrets.ts";

/**
 * Returns the files, at their paths in the project. Unedited, they change nothing: every value is commented out, next to an
 * operation that tests what is always true, because a patch cannot be empty.
 */
export function ownOverlay(model: Model): OutputFile[] {
  return [
    // Git must ignore everything in this folder, including this file.
    { path: `${OWN_OVERLAY}/.gitignore`, text: "*\n" },
    { path: `${OWN_OVERLAY}/kustomization.yaml`, text: kustomization(model) },
  ];
}

function kustomization(model: Model): string {
  const patches = trialReaders(model).flatMap((reader) => {
    // A secret with two readers would have to be set twice, and no user needs to.
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
  const storage = [
    "# a storage class of your cluster, if it has no class named standard (kubectl get storageclass)",
    '# - { op: add, path: /spec/storageClassName, value: "..." }',
  ];
  const storageClasses = trialClaims(model).map(({ name, namespace }) =>
    patch("PersistentVolumeClaim", name, namespace, storage)
  );
  return `# Your own values for the local trial. This file is yours: git ignores it, and gen never writes it.
# Remove the "# " before "- { op: add" in a line, set the value, and run: deno task trial up
# LiteLLM answers with a mock until ANTHROPIC_API_KEY begins with sk-ant-.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ${relative(TRIAL_OVERLAY)}
patches:
${[...patches, ...storageClasses].join("")}`;
}

function patch(kind: string, name: string, namespace: string, lines: readonly string[]): string {
  return `  - target: { kind: ${kind}, name: ${name}, namespace: ${namespace} }
    patch: |
      - { op: test, path: /kind, value: ${kind} }
${lines.map((line) => `      ${line}\n`).join("")}`;
}

/** Returns the path of an overlay relative to the folder of the file. */
function relative(overlay: string): string {
  return `../${overlay.split("/").at(-1)}`;
}
