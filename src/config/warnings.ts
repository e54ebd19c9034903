/**
 * What is valid in a pack.yaml but probably not intended.
 *
 * @module
 */

import { ownNodeLabels } from "../tables/apart.ts";
import { cloudflareTarget, longestLabel, MAX_LABEL_LENGTH } from "../tables/targets.ts";
import type { ConfigFinding } from "./finding.ts";
import type { PackConfig } from "./schema.ts";

/** Returns a finding for each setting that is probably not intended. */
export function warn(config: PackConfig): ConfigFinding[] {
  return [
    ...emptyAllowlistWarning(config),
    ...labelTooLong(config),
    ...tolerationsWithoutNode(config),
    ...toleratesControlPlane(config),
    ...gatewayKeepsRuntime(config),
  ];
}

/** A toleration admits the pod to a node but does not schedule it there: without a label the pod may run on any other node. */
function tolerationsWithoutNode({ cluster }: PackConfig): ConfigFinding[] {
  if (cluster.tolerations.length === 0 || ownNodeLabels(cluster.nodeSelector).length > 0) return [];
  return [{
    path: ["cluster", "tolerations"],
    message:
      "admit the gateway to its node, but do not schedule it there; add a label of that node to cluster.nodeSelector",
  }];
}

const CONTROL_PLANE = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** A node of the control plane holds the keys to the entire cluster. */
function toleratesControlPlane({ cluster, sandbox }: PackConfig): ConfigFinding[] {
  if (sandbox.backend !== "docker") return [];
  return cluster.tolerations.flatMap(({ key }, index): ConfigFinding[] =>
    key === undefined || CONTROL_PLANE.includes(key)
      ? [{
        path: ["cluster", "tolerations", index],
        message:
          `admits the privileged docker daemon to the nodes of the control plane, and an attacker who controls one of ` +
          `these controls the cluster; name the taint of the gateway's own node instead`,
      }]
      : []
  );
}

/** The rule `backupNeedsOneKernel` gives the reason. */
function gatewayKeepsRuntime({ backup, cluster, sandbox }: PackConfig): ConfigFinding[] {
  if (cluster.runtimeClassName === undefined || !backup.enabled || sandbox.backend !== "ssh") return [];
  return [{
    path: ["cluster", "runtimeClassName"],
    message:
      "applies only to the sandbox's pod: the backup reads SQLite while the gateway runs, which requires that both share " +
      "a kernel; with backup.enabled: false it applies to the gateway's pod too",
  }];
}

function emptyAllowlistWarning({ discord }: PackConfig): ConfigFinding[] {
  if (!discord.enabled || discord.allowFrom.length > 0) return [];
  return [{
    path: ["discord", "allowFrom"],
    message: "is empty, so no Discord user is admitted; list the user IDs to admit, in quotes",
  }];
}

/** Not an error, because a long label does no harm without tfaction or with short target names in its configuration. */
function labelTooLong(config: PackConfig): ConfigFinding[] {
  const label = longestLabel(cloudflareTarget(config));
  const excess = label.length - MAX_LABEL_LENGTH;
  if (excess <= 0) return [];
  return [{
    path: config.cloudflare.directory === undefined ? ["zone"] : ["cloudflare", "directory"],
    message:
      `tfaction would create the label "${label}" of ${label.length} characters, and GitHub allows ${MAX_LABEL_LENGTH}; ` +
      `set cloudflare.directory to a path shorter by ${excess}, or map the target in tfaction-root.yaml`,
  }];
}
