/**
 * Rules between fields of pack.yaml, each with the reason it exists. A rule sees a configuration in which every single
 * field is right.
 *
 * @module
 */

import type { ConfigPath } from "./errors.ts";
import type { Finding } from "./finding.ts";
import { accessUsersNeedAccess, cloudflareDirectoryIsFree, hostnameInZone, namespacesOfItsOwn } from "./rules/names.ts";
import { backupNeedsOneKernel, copiesNeedBackups, someInternet, tolerationsMatchTaints } from "./rules/cluster.ts";
import { dockerSandboxNeedsOlderOpenClaw, sandboxFitsDaemon, sshSandboxNeedsImage } from "./rules/sandbox.ts";
import {
  dockerSandboxHasNoFlows,
  flowsHaveLabels,
  flowsLeadOut,
  noSecretForTheSandbox,
  uniqueEnvironment,
  uniqueModels,
  uniqueSecrets,
} from "./rules/secrets.ts";
import { elevatedMayTalk } from "./rules/discord.ts";
import { checksumsOfTheVersion, enoughMemory, requestsWithinLimits } from "./rules/resources.ts";
import type { PackConfig } from "./schema.ts";

/** A rule with the fields that it looks at: where one of them is wrong by itself, the rule has nothing to say. */
interface Rule {
  readonly reads: readonly ConfigPath[];
  readonly find: (config: PackConfig) => Finding[];
}

const rule = (find: Rule["find"], ...reads: string[]): Rule => ({ find, reads: reads.map((path) => path.split(".")) });

/** Every rule; order is of no matter, since the reader sorts by position. */
export const RULES: readonly Rule[] = [
  rule(hostnameInZone, "hostname", "zone"),
  rule(dockerSandboxNeedsOlderOpenClaw, "images.openclaw", "cluster.runtime", "sandbox.backend"),
  rule(sshSandboxNeedsImage, "sandbox.image", "sandbox.backend"),
  rule(namespacesOfItsOwn, "cluster.namespace", "sandbox.namespace", "sandbox.backend", "argocd.namespace", "flows"),
  rule(accessUsersNeedAccess, "gateway"),
  rule(cloudflareDirectoryIsFree, "cloudflare.directory"),
  rule(elevatedMayTalk, "discord"),
  rule(tolerationsMatchTaints, "cluster.tolerations"),
  rule(backupNeedsOneKernel, "cluster.runtimeClassName", "sandbox.backend", "backup.enabled"),
  rule(copiesNeedBackups, "backup"),
  rule(uniqueModels, "models.list"),
  rule(uniqueSecrets, "secrets", "aws.ssmPrefix"),
  rule(uniqueEnvironment, "secrets"),
  rule(noSecretForTheSandbox, "secrets"),
  rule(dockerSandboxHasNoFlows, "flows", "sandbox.backend"),
  rule(flowsLeadOut, "flows", "cluster.namespace", "sandbox.namespace"),
  rule(flowsHaveLabels, "flows"),
  rule(requestsWithinLimits, "resources"),
  rule(enoughMemory, "resources"),
  rule(sandboxFitsDaemon, "sandbox.memory", "sandbox.backend", "resources.docker.memoryLimit"),
  rule(checksumsOfTheVersion, "tools"),
  rule(someInternet, "cluster.podCidrs", "cluster.serviceCidrs", "cluster.blockedCidrs"),
];
