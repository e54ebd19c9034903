/**
 * `kustomize/base`: the deployment, whatever the cluster (requirement B1).
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { backupFiles } from "./backup.ts";
import { cloudflaredFile } from "./cloudflared.ts";
import { configMaps } from "./config_maps.ts";
import { externalSecretFiles } from "./external_secrets.ts";
import { gatewayFile } from "./gateway/deployment.ts";
import { generatorEntry, kustomizationFile } from "./kustomization.ts";
import { litellmFiles } from "./litellm.ts";
import { namespaceFile } from "./namespaces.ts";
import { networkPolicyFiles } from "./network_policies.ts";
import { COMMON_LABELS } from "./object.ts";
import { serviceFiles } from "./services.ts";
import { sshSandboxFiles } from "./ssh_sandbox.ts";
import { stateClaimFile } from "./storage.ts";

/** Every file of the base. */
export function baseFiles(model: Model): OutputFile[] {
  const { namespace } = model.config.cluster;
  const objects = [
    namespaceFile(model),
    stateClaimFile(model),
    ...externalSecretFiles(model, namespace),
    gatewayFile(model),
    ...litellmFiles(model),
    cloudflaredFile(model),
    ...backupFiles(model),
    ...serviceFiles(model, namespace),
    ...networkPolicyFiles(model, namespace),
    ...(model.config.sandbox.backend === "ssh" ? sshSandboxFiles(model) : []),
  ];
  const sources = configMaps(model);
  const kustomization = kustomizationFile({
    resources: objects.map(({ path }) => path),
    generatorOptions: { labels: COMMON_LABELS },
    configMapGenerator: sources.map((source) => generatorEntry(source)),
  });
  return below("kustomize/base", [
    ...objects,
    ...sources.flatMap(({ files }) => files.map(({ file }) => file)),
    kustomization,
  ]);
}
