/**
 * The signs of production. A trial creates and deletes a namespace with everything in it, so it must not touch a cluster where that
 * namespace is in use.
 *
 * @module
 */

import { APPLICATION, DATA_GUARD } from "../tables/names.ts";
import type { Cluster } from "./context.ts";
import { TrialFailed } from "./machine.ts";

/** What a trial is about to apply. */
export interface Applied {
  readonly namespaces: readonly string[];
  readonly workloads: readonly { readonly name: string }[];
}

/**
 * Makes sure that a cluster holds no production before a trial applies anything there.
 *
 * @throws {TrialFailed} if it does, or if it does not answer
 */
export async function refuseProduction(cluster: Cluster, applied: Applied): Promise<void> {
  for (const { what, question } of signs(applied)) {
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

function signs({ namespaces, workloads }: Applied): Sign[] {
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
    // Hand-written manifests have neither of the two; a trial has no tunnel.
    ...(workloads.some((workload) => workload.name === tunnel) ? [] : namespaces.map((namespace) => ({
      what: `a tunnel, Deployment ${tunnel} in namespace ${namespace}`,
      question: ["-n", namespace, "get", "deployment", tunnel, "--ignore-not-found", ...name],
    }))),
  ];
}
