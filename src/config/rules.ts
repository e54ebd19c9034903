/**
 * Rules between fields of pack.yaml, each with its reason. A rule is given a configuration in which each field is valid.
 *
 * @module
 */

import type { ConfigPath } from "./errors.ts";
import type { ConfigFinding } from "./finding.ts";
import { accessUsersNeedAccess, cloudflareDirectoryIsFree, hostnameInZone, ownNamespaces } from "./rules/names.ts";
import { backupNeedsOneKernel, internetIsReachable, s3NeedsBackup, tolerationsMatchTaints } from "./rules/cluster.ts";
import { dockerSandboxNeedsOlderOpenClaw, sandboxFitsDaemon, sshSandboxNeedsImage } from "./rules/sandbox.ts";
import {
  dockerSandboxHasNoFlows,
  flowsHaveLabels,
  flowsLeaveNamespaces,
  sandboxHasNoSecrets,
  uniqueEnvironment,
  uniqueModels,
  uniqueSecrets,
} from "./rules/secrets.ts";
import { elevatedMayTalk, pluginMatchesImage } from "./rules/discord.ts";
import { checksumsMatchVersion, enoughMemory, requestsWithinLimits } from "./rules/resources.ts";
import type { PackConfig } from "./schema.ts";

/** A rule with the fields that it reads. It is skipped if one of these fields is itself invalid. */
interface Rule {
  readonly reads: readonly ConfigPath[];
  readonly find: (config: PackConfig) => ConfigFinding[];
}

const rule = (find: Rule["find"], ...reads: string[]): Rule => ({ find, reads: reads.map((path) => path.split(".")) });

/** Every rule, in any order; the reader sorts findings by position. */
export const RULES: readonly Rule[] = [
  rule(hostnameInZone, "hostname", "zone"),
  rule(dockerSandboxNeedsOlderOpenClaw, "images.openclaw", "cluster.runtime", "sandbox.backend"),
  rule(sshSandboxNeedsImage, "sandbox.image", "sandbox.backend"),
  rule(ownNamespaces, "cluster.namespace", "sandbox.namespace", "sandbox.backend", "argocd.namespace", "flows"),
  rule(accessUsersNeedAccess, "gateway"),
  rule(cloudflareDirectoryIsFree, "cloudflare.directory"),
  rule(elevatedMayTalk, "discord"),
  rule(pluginMatchesImage, "discord", "images.openclaw"),
  rule(tolerationsMatchTaints, "cluster.tolerations"),
  rule(backupNeedsOneKernel, "cluster.runtimeClassName", "sandbox.backend", "backup.enabled"),
  rule(s3NeedsBackup, "backup"),
  rule(uniqueModels, "models.list"),
  rule(uniqueSecrets, "secrets", "aws.ssmPrefix"),
  rule(uniqueEnvironment, "secrets"),
  rule(sandboxHasNoSecrets, "secrets"),
  rule(dockerSandboxHasNoFlows, "flows", "sandbox.backend"),
  rule(flowsLeaveNamespaces, "flows", "cluster.namespace", "sandbox.namespace"),
  rule(flowsHaveLabels, "flows"),
  rule(requestsWithinLimits, "resources"),
  rule(enoughMemory, "resources"),
  rule(sandboxFitsDaemon, "sandbox.memory", "sandbox.backend", "resources.docker.memoryLimit"),
  rule(checksumsMatchVersion, "tools"),
  rule(internetIsReachable, "cluster.podCidrs", "cluster.serviceCidrs", "cluster.blockedCidrs"),
];
