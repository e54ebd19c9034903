/**
 * What tells production from a trial. A trial makes and deletes a namespace with everything in it, and is kept from doing so
 * where the same namespace holds what somebody lives with.
 *
 * @module
 */

import { APPLICATION, DATA_GUARD } from "../tables/names.ts";
import type { Cluster } from "./context.ts";
import { TrialFailed } from "./machine.ts";
import type { Overlay } from "../commands/trial/overlay.ts";

/** Sees to it that a cluster holds no production. @throws {TrialFailed} when it does, and when it will not tell */
export async function refuseProduction(cluster: Cluster, overlay: Overlay): Promise<void> {
  for (const { what, question } of signs(overlay)) {
    const { code, stdout, stderr } = await cluster.run(["--request-timeout=10s", ...question]);
    // A cluster without Argo CD does not know the kind.
    if (code !== 0 && /doesn't have a resource type|could not find the requested resource/.test(stderr)) continue;
    if (code !== 0) {
      throw new TrialFailed(
        `cannot tell whether ${cluster.context} holds production, so nothing was done: ${stderr.trim()}`,
      );
    }
    if (stdout.trim() !== "") {
      throw new TrialFailed(
        `${cluster.context} holds production (${what}): a trial never touches it, and nothing was done`,
      );
    }
  }
}

interface Sign {
  readonly what: string;
  readonly question: readonly string[];
}

function signs({ namespaces, workloads }: Overlay): Sign[] {
  const name = ["-o", "name"];
  const tunnel = "cloudflared";
  return [
    {
      what: `the data guard, ValidatingAdmissionPolicy ${DATA_GUARD}`,
      question: ["get", "validatingadmissionpolicies", DATA_GUARD, "--ignore-not-found", ...name],
    },
    {
      what: `Argo CD's Application ${APPLICATION}`,
      question: ["get", "applications.argoproj.io", "-A", "--field-selector", `metadata.name=${APPLICATION}`, ...name],
    },
    // Manifests of before, applied by hand: a trial has no tunnel.
    ...(workloads.some((workload) => workload.name === tunnel) ? [] : namespaces.map((namespace) => ({
      what: `a tunnel, Deployment ${tunnel} in namespace ${namespace}`,
      question: ["-n", namespace, "get", "deployment", tunnel, "--ignore-not-found", ...name],
    }))),
  ];
}
