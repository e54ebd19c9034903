/**
 * What is allowed in a pack.yaml but will surprise.
 *
 * @module
 */

import { ownNodeLabels } from "../tables/apart.ts";
import { cloudflareTarget, LONGEST_LABEL, longestLabel } from "../tables/targets.ts";
import type { Finding } from "./finding.ts";
import type { PackConfig } from "./schema.ts";

/** Returns a finding for each thing that will surprise. */
export function warn(config: PackConfig): Finding[] {
  return [
    ...emptyAllowlist(config),
    ...labelTooLong(config),
    ...tolerationsWithoutNode(config),
    ...toleratesControlPlane(config),
    ...gatewayKeepsRuntime(config),
  ];
}

/** A toleration lets the pod in and draws it nowhere: without a label it runs on any node, and the tainted one may stay empty. */
function tolerationsWithoutNode({ cluster }: PackConfig): Finding[] {
  if (cluster.tolerations.length === 0 || ownNodeLabels(cluster.nodeSelector).length > 0) return [];
  return [{
    path: ["cluster", "tolerations"],
    message:
      "admit the gateway to its node, but do not bring it there; add a label of that node to cluster.nodeSelector",
  }];
}

const CONTROL_PLANE = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** On such a node lie the keys to the whole cluster. */
function toleratesControlPlane({ cluster, sandbox }: PackConfig): Finding[] {
  if (sandbox.backend !== "docker") return [];
  return cluster.tolerations.flatMap(({ key }, index): Finding[] =>
    key === undefined || CONTROL_PLANE.includes(key)
      ? [{
        path: ["cluster", "tolerations", index],
        message:
          `admits the privileged docker daemon to the nodes of the control plane, and whoever takes over one of ` +
          `those has the cluster; name the taint of the gateway's own node instead`,
      }]
      : []
  );
}

/** The same reason for which the docker sandbox cannot have both; see the rule `backupNeedsOneKernel`. */
function gatewayKeepsRuntime({ backup, cluster, sandbox }: PackConfig): Finding[] {
  if (cluster.runtimeClassName === undefined || !backup.enabled || sandbox.backend !== "ssh") return [];
  return [{
    path: ["cluster", "runtimeClassName"],
    message:
      "goes to the sandbox's pod alone: the backup reads SQLite beside the running gateway, which needs one kernel " +
      "for both; with backup.enabled: false the gateway's pod gets it as well",
  }];
}

function emptyAllowlist({ discord }: PackConfig): Finding[] {
  if (!discord.enabled || discord.allowFrom.length > 0) return [];
  return [{
    path: ["discord", "allowFrom"],
    message: "is empty, so nobody on Discord is admitted; list the user IDs to admit, in quotes",
  }];
}

/** Not an error: without tfaction, or with short names for targets in its configuration, it does no harm. */
function labelTooLong(config: PackConfig): Finding[] {
  const label = longestLabel(cloudflareTarget(config));
  const excess = label.length - LONGEST_LABEL;
  if (excess <= 0) return [];
  return [{
    path: config.cloudflare.directory === undefined ? ["zone"] : ["cloudflare", "directory"],
    message:
      `tfaction would make the label "${label}" of ${label.length} characters, and GitHub takes ${LONGEST_LABEL}; ` +
      `set cloudflare.directory to a folder that is ${excess} shorter, or map the target in tfaction-root.yaml`,
  }];
}
