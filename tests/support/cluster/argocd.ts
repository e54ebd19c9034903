/**
 * Argo CD for one Application: its own engine (`go/argocd`), asking as its controller does and with its controller's rights. Left
 * out: its repository server (kustomize builds the targets), its caches and its user interface.
 *
 * @module
 */

import { execPiped } from "../runtime/container.ts";
import type { Json } from "../support.ts";
import { built } from "./build.ts";
import { type Kubectl, until } from "./kubectl.ts";
import { argoCdFiles } from "./modules.ts";

/** Whom the API server sees. */
export const ARGO_CD = "system:serviceaccount:argocd:argocd-application-controller";

const FILES = [
  "manifests/crds/application-crd.yaml",
  "manifests/cluster-rbac/application-controller/argocd-application-controller-clusterrole.yaml",
  "manifests/cluster-rbac/application-controller/argocd-application-controller-clusterrolebinding.yaml",
];

/** What became of an object, in Argo CD's words. */
export interface Outcome {
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly message: string;
}

/** An Application, and who cares for it. */
export interface ArgoCd {
  /** Makes the cluster as the targets are. */
  sync(targets: readonly Json[]): Promise<Outcome[]>;
  /** What would be shown as out of sync. */
  drift(targets: readonly Json[]): Promise<Outcome[]>;
  /** Deletes the Application, with finalizers that it does not have in the tree. */
  end(finalizers: readonly string[]): Promise<Outcome[]>;
}

/** Everything that {@linkcode installArgoCd} needs. */
export async function argoCdParts(): Promise<{ readonly engine: string; readonly manifests: string }> {
  return { engine: await built("engine"), manifests: await argoCdFiles(FILES) };
}

/** Gives a cluster Argo CD's definitions and its controller's rights. */
export async function installArgoCd(cluster: Kubectl): Promise<void> {
  const { manifests } = await argoCdParts();
  await cluster.run(["create", "namespace", "argocd"]);
  await cluster.run(["create", "serviceaccount", "argocd-application-controller", "--namespace=argocd"]);
  await cluster.run(["apply", "--server-side", "-f", manifests]);
  await until("Argo CD's API", async () => (await cluster.kubectl(["get", "applications", "-A"])).code === 0);
}

/** The Application of a tree, as {@linkcode ArgoCd}. */
export async function argoCd(cluster: Kubectl, application: Json): Promise<ArgoCd> {
  const { engine } = await argoCdParts();
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
