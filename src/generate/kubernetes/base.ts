/**
 * `kustomize/base`: the deployment, independent of the cluster (requirement B1).
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { backupFiles } from "./backup.ts";
import { cloudflaredFile } from "./cloudflared.ts";
import { configMaps } from "./config_maps.ts";
import { externalSecretFile } from "./external_secrets.ts";
import { gatewayFile } from "./gateway/deployment.ts";
import { generatorEntry, kustomizationFile } from "./kustomization.ts";
import { litellmFiles } from "./litellm.ts";
import { namespaceFile } from "./namespaces.ts";
import { networkPolicyFiles } from "./network_policies.ts";
import { COMMON_LABELS } from "./object.ts";
import { serviceFiles } from "./services.ts";
import { sshSandboxFiles } from "./ssh_sandbox.ts";
import { gatewayClaimFiles } from "./storage.ts";

/** Returns every file of the base. */
export function baseFiles(model: Model): OutputFile[] {
  const { cluster } = model.config;
  const { namespace } = cluster;
  const { backup, cloudflared, litellm, openclaw, sandbox } = model.deployed;
  const own = model.workloads.filter((workload) => workload.namespace === namespace);
  const objects = [
    namespaceFile(model),
    ...gatewayClaimFiles(openclaw, cluster),
    ...own.flatMap(({ readers }) => readers).map((reader) => externalSecretFile(reader, cluster.secretStore)),
    gatewayFile(openclaw, model),
    ...litellmFiles(litellm, cluster.storageClass),
    cloudflaredFile(cloudflared),
    ...(backup === undefined ? [] : backupFiles(backup, model)),
    ...serviceFiles(own),
    ...networkPolicyFiles(model, namespace),
    ...(sandbox === undefined ? [] : sshSandboxFiles(sandbox, model)),
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
