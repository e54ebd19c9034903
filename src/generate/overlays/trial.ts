/**
 * `overlays/trial`: what both local trials share, as a kustomize component: the fake SSM store, no tunnel, the cluster's
 * standard storage class, no Discord, and a LiteLLM that answers with a mock until a key is set.
 *
 * @module
 */

import { BACKUP } from "../kubernetes/backup.ts";
import { configMap } from "../kubernetes/config_maps.ts";
import { OPENCLAW_CONFIG, PLUGIN_STEP, PREPARE_STEP, TOOLS_STEP } from "../kubernetes/gateway/names.ts";
import { componentFile, generatorEntry } from "../kubernetes/kustomization.ts";
import { LITELLM_CONFIG } from "../kubernetes/litellm.ts";
import { litellmConfig } from "../litellm/config.ts";
import mockWithoutKey from "../litellm/mock_without_key.py" with { type: "text" };
import type { Model } from "../../model/model.ts";
import type { Reader, ReadSecret } from "../../model/workloads.ts";
import { openclawConfig } from "../openclaw/config.ts";
import { below, type OutputFile } from "../../output/file.ts";
import { fakeSsmFile } from "./fake_ssm.ts";
import { deletePatch, patchFile } from "./patch.ts";
import { type ClaimName, claimNames, SPEND_CLAIM } from "../kubernetes/storage.ts";
import { INSTALLED_PLUGINS_DIR, TOOLS_DIR } from "../../tables/paths.ts";
import { TRIAL_LABEL } from "../../tables/names.ts";
import { GATEWAY_PORT } from "../../tables/workloads.ts";

/** The name of the default storage class in kind, minikube and k3d. */
const STORAGE_CLASS = "standard";

/** Returns every file of the component. */
export function trialFiles(model: Model): OutputFile[] {
  const { namespace } = model.config.cluster;
  const tunnel = model.deployed.cloudflared;
  const sources = [
    configMap(namespace, OPENCLAW_CONFIG, {
      "openclaw.json": openclawConfig(model, {
        discord: false,
        allowedOrigins: [`http://localhost:${GATEWAY_PORT}`, `http://127.0.0.1:${GATEWAY_PORT}`],
      }),
    }),
    configMap(namespace, LITELLM_CONFIG, {
      "config.yaml": litellmConfig(model, { callbacks: ["mock_without_key.handler"] }),
      "mock_without_key.py": mockWithoutKey,
    }),
  ];
  const store = fakeSsmFile(model);
  const patches = [
    deletePatch({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: tunnel.name, namespace } }),
    deletePatch({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: `${tunnel.name}-network`, namespace },
    }),
    deleteExternalSecret(tunnel),
    withoutDownloads(model),
    ...withoutSpendClaim(model),
    ...(model.config.backup.enabled ? [suspendBackup(namespace)] : []),
    ...standardStorage(model),
  ];
  return below("kustomize/overlays/trial", [
    store,
    ...patches,
    ...sources.flatMap(({ files }) => files.map(({ file }) => file)),
    componentFile({
      resources: [store.path],
      patches: patches.map(({ path }) => ({ path })),
      configMapGenerator: sources.map((source) => generatorEntry(source, "merge")),
      labels: [{ pairs: { [TRIAL_LABEL]: "true" } }],
    }),
  ]);
}

/** Returns the readers that a trial has: there is no tunnel. */
export function trialReaders({ deployed, readers }: Model): Reader[] {
  return readers.filter(({ pod }) => pod.name !== deployed.cloudflared.name);
}

/** Returns what a reader reads in a trial: there is no bot. */
export function trialReads({ reads }: Reader): ReadSecret[] {
  return reads.filter(({ when }) => when !== "discord.enabled");
}

/** Returns a patch that deletes the ExternalSecret of a reader. */
export function deleteExternalSecret({ namespace, secret }: Pick<Reader, "namespace" | "secret">): OutputFile {
  return deletePatch({
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name: secret.externalSecret, namespace },
  });
}

/**
 * Returns a patch that removes downloads. A trial has no bot, so it needs neither the plugin nor the token, which would make
 * OpenClaw download the plugin. It has no keys for Codex CLI and gh either, which are 180 MB.
 */
function withoutDownloads({ config, deployed }: Model): OutputFile {
  const { name, namespace, reader } = deployed.openclaw;
  const removed = { $patch: "delete" };
  const kept = trialReads(reader);
  const env = reader.reads.filter((read) => !kept.includes(read)).flatMap(({ env }) => env);
  const discord = config.discord.enabled;
  const unused = [
    { volume: "tools", mountPath: TOOLS_DIR },
    // In the state, where a mount before the first start would create folders as root.
    ...(discord ? [{ volume: "plugins", mountPath: INSTALLED_PLUGINS_DIR }] : []),
  ];
  return patchFile({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      template: {
        spec: {
          initContainers: [PREPARE_STEP, ...(discord ? [PLUGIN_STEP] : []), TOOLS_STEP].map((name) => ({
            name,
            ...removed,
          })),
          containers: [{
            name,
            ...(env.length > 0 ? { env: env.map((name) => ({ name, ...removed })) } : {}),
            volumeMounts: unused.map(({ mountPath }) => ({ mountPath, ...removed })),
          }],
          volumes: unused.map(({ volume }) => ({ name: volume, ...removed })),
        },
      },
    },
  });
}

/**
 * Returns patches that keep a trial's spend record in an emptyDir, because with a claim the start would wait for its volume.
 */
function withoutSpendClaim(model: Model): OutputFile[] {
  const { name, namespace } = model.deployed.litellm;
  return [
    deletePatch({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: SPEND_CLAIM, namespace } }),
    patchFile({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace },
      spec: {
        template: {
          spec: { volumes: [{ name: "spend", persistentVolumeClaim: null, emptyDir: { sizeLimit: "16Mi" } }] },
        },
      },
    }),
  ];
}

/**
 * Returns a patch that suspends the backup, because a trial is not kept and its S3 keys are fake. A Job that is created
 * manually from the CronJob still runs.
 */
function suspendBackup(namespace: string): OutputFile {
  return patchFile({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: BACKUP, namespace },
    spec: { suspend: true },
  });
}

/** Returns the claims of a trial, which keeps its spend record in an emptyDir. */
export function trialClaims({ config }: Model): ClaimName[] {
  return claimNames(config).filter(({ name }) => name !== SPEND_CLAIM);
}

function standardStorage(model: Model): OutputFile[] {
  return trialClaims(model).map((metadata) =>
    patchFile({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata,
      spec: { storageClassName: STORAGE_CLASS },
    })
  );
}
