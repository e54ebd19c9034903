/**
 * The files in ConfigMaps. The base contains them in their own formats (JSON, YAML, Markdown, shell, Python), so that they are
 * easy to review. kustomize creates the ConfigMaps and puts the hash of their content into the name. A change therefore
 * restarts the pod that reads it, and a pod never sees half of a change.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";
import { openclawConfig } from "../openclaw/config.ts";
import { elevationFiles } from "../openclaw/elevation.ts";
import archiveWorkspace from "../openclaw/archive-workspace.sh" with { type: "text" };
import backupScript from "../openclaw/backup.sh" with { type: "text" };
import codexConfig from "../openclaw/codex.toml" with { type: "text" };
import gitconfig from "../openclaw/git/gitconfig" with { type: "text" };
import repoScript from "../openclaw/git/repo.sh" with { type: "text" };
import archive from "../openclaw/init/archive.mjs" with { type: "text" };
import files from "../openclaw/init/files.sh" with { type: "text" };
import installArchives from "../openclaw/init/install-archives.sh" with { type: "text" };
import installPlugins from "../openclaw/init/install-plugins.sh" with { type: "text" };
import prepareWorkspace from "../openclaw/init/prepare-workspace.sh" with { type: "text" };
import prepareState from "../openclaw/init/prepare-state.sh" with { type: "text" };
import started from "../openclaw/init/started.sh" with { type: "text" };
import { pluginsTable, toolsTable } from "../openclaw/tools.ts";
import { WORKSPACE_FILES } from "../openclaw/workspace.ts";
import budget from "../litellm/budget.py" with { type: "text" };
import { litellmConfig, litellmLimits } from "../litellm/config.ts";
import customAuth from "../litellm/custom_auth.py" with { type: "text" };
import { keyProxyConfig } from "../litellm/key_proxy/config.ts";
import requestSchema from "../litellm/request_schema.py" with { type: "text" };
import type { OutputFile } from "../../output/file.ts";
import dockerfile from "../../tables/sandbox.Dockerfile" with { type: "text" };
import adoptWorkspace from "../sandbox/adopt-workspace.sh" with { type: "text" };
import buildImage from "../sandbox/build-image.sh" with { type: "text" };
import daemon from "../sandbox/daemon.json" with { type: "text" };
import firewall from "../sandbox/firewall.sh" with { type: "text" };
import imageReady from "../sandbox/image-ready.sh" with { type: "text" };
import { privateNetworksList } from "../sandbox/private_networks.ts";
import prune from "../sandbox/prune.sh" with { type: "text" };
import { BACKUP } from "./backup.ts";
import {
  OPENCLAW_CODEX,
  OPENCLAW_CONFIG,
  OPENCLAW_ELEVATION,
  OPENCLAW_GIT,
  OPENCLAW_INIT,
  OPENCLAW_SANDBOX,
  OPENCLAW_WORKSPACE,
} from "./gateway/names.ts";
import { SANDBOX_SSHD } from "./ssh_sandbox.ts";
import sshdConfig from "../sandbox/sshd_config" with { type: "text" };
import { KEY_PROXY_CONFIG, LITELLM_CONFIG } from "./litellm.ts";

/** A ConfigMap for kustomize's configMapGenerator. */
export interface ConfigMapSource {
  readonly name: string;
  readonly namespace: string;
  /** Its keys, each with its file; paths are below the folder of the kustomization. */
  readonly files: readonly { readonly key: string; readonly file: OutputFile }[];
}

/** Returns the ConfigMaps of the base. */
export function configMaps(model: Model): ConfigMapSource[] {
  const { backup, cluster, discord, sandbox } = model.config;
  const own = (name: string, files: Files) => configMap(cluster.namespace, name, files);
  return [
    own(OPENCLAW_CONFIG, { "openclaw.json": openclawConfig(model) }),
    own(OPENCLAW_WORKSPACE, Object.fromEntries(WORKSPACE_FILES.map(({ key, text }) => [key, text]))),
    own(OPENCLAW_INIT, {
      "archive.mjs": archive,
      "files.sh": files,
      "install-archives.sh": installArchives,
      ...(discord.enabled
        ? {
          "install-plugins.sh": installPlugins,
          // For a start without a verified plugin.
          "openclaw-without-discord.json": openclawConfig(model, { discord: false }),
          "plugins.txt": pluginsTable(model.config),
        }
        : {}),
      "prepare-state.sh": prepareState,
      "prepare-workspace.sh": prepareWorkspace,
      "started.sh": started,
      "tools.txt": toolsTable(model.config),
    }),
    own(OPENCLAW_ELEVATION, elevationFiles(model.config)),
    own(OPENCLAW_CODEX, { "config.toml": codexConfig }),
    own(OPENCLAW_GIT, { "gitconfig": gitconfig, "repo.sh": repoScript }),
    ...(backup.enabled ? [own(BACKUP, { "archive-workspace.sh": archiveWorkspace, "backup.sh": backupScript })] : []),
    own(LITELLM_CONFIG, {
      "budget.py": budget,
      "config.yaml": litellmConfig(model),
      "custom_auth.py": customAuth,
      "limits.json": litellmLimits(model),
      "request_schema.py": requestSchema,
    }),
    own(KEY_PROXY_CONFIG, { "haproxy.cfg": keyProxyConfig(model.config.models) }),
    sandbox.backend === "docker"
      ? own(OPENCLAW_SANDBOX, {
        "Dockerfile": dockerfile,
        "adopt-workspace.sh": adoptWorkspace,
        "build-image.sh": buildImage,
        "daemon.json": daemon,
        "firewall.sh": firewall,
        "image-ready.sh": imageReady,
        "private-networks.txt": privateNetworksList(model.config),
        "prune.sh": prune,
      })
      : configMap(sandbox.namespace, SANDBOX_SSHD, { "sshd_config": sshdConfig }),
  ];
}

type Files = Readonly<Record<string, string>>;

/** Returns a ConfigMap whose files are in a folder with its name. */
export function configMap(namespace: string, name: string, files: Files): ConfigMapSource {
  return {
    name,
    namespace,
    files: Object.entries(files).map(([key, text]) => ({ key, file: { path: `config/${name}/${key}`, text } })),
  };
}
