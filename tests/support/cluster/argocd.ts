/**
 * Argo CD for one Application: its own engine (`go/argocd`), with the requests and the rights of its controller. The repository
 * server (kustomize builds the targets), the caches and the user interface are left out.
 *
 * @module
 */

import { execPiped } from "../runtime/container.ts";
import type { Json } from "../support.ts";
import { built } from "./build.ts";
import { type Kubectl, until } from "./kubectl.ts";
import { argoCdFiles } from "./modules.ts";

/** The user that the API server sees. */
export const ARGO_CD = "system:serviceaccount:argocd:argocd-application-controller";

const FILES = [
  "manifests/crds/application-crd.yaml",
  "manifests/cluster-rbac/application-controller/argocd-application-controller-clusterrole.yaml",
  "manifests/cluster-rbac/application-controller/argocd-application-controller-clusterrolebinding.yaml",
];

/** The result for one object, in Argo CD's terms. */
export interface Outcome {
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly message: string;
}

/** An Application and its controller. */
export interface ArgoCd {
  /** Syncs the cluster to the targets. */
  sync(targets: readonly Json[]): Promise<Outcome[]>;
  /** Returns what Argo CD would show as out of sync. */
  drift(targets: readonly Json[]): Promise<Outcome[]>;
  /** Deletes the Application with finalizers that it does not have in the tree. */
  end(finalizers: readonly string[]): Promise<Outcome[]>;
}

/** Returns everything that {@linkcode installArgoCd} needs. */
export async function argoCdTools(): Promise<{ readonly engine: string; readonly manifests: string }> {
  return { engine: await built("engine"), manifests: await argoCdFiles(FILES) };
}

/** Installs Argo CD's definitions and its controller's roles in a cluster. */
export async function installArgoCd(cluster: Kubectl): Promise<void> {
  const { manifests } = await argoCdTools();
  await cluster.run(["create", "namespace", "argocd"]);
  await cluster.run(["create", "serviceaccount", "argocd-application-controller", "--namespace=argocd"]);
  await cluster.run(["apply", "--server-side", "-f", manifests]);
  await until("Argo CD's API", async () => (await cluster.kubectl(["get", "applications", "-A"])).code === 0);
}

/** Returns the controller of an Application. */
export async function argoCd(cluster: Kubectl, application: Json): Promise<ArgoCd> {
  const { engine } = await argoCdTools();
  const run = async (command: string, input: Json): Promise<Outcome[]> => {
    const args = [`-as=${ARGO_CD}`, command, cluster.kubeconfig];
    const { code, stdout, stderr } = await execPiped(engine, args, { stdin: JSON.stringify(input) });
    if (code !== 0) throw new Error(`Argo CD's engine: ${command}: ${stderr.trimEnd().split("\n").at(-1)}`);
    return JSON.parse(stdout);
  };
  return {
    sync: (targets) => run("sync", { application, targets }),
    drift: (targets) => run("drift", { application, targets }),
    end: (finalizers) => {
      const metadata = { ...application.metadata, finalizers };
      return run("delete", { application: { ...application, metadata }, targets: [] });
    },
  };
}
