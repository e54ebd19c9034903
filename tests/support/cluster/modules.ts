/**
 * Files from published Go modules: custom resource definitions and the RBAC roles of a controller.
 *
 * @module
 */

import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed, keyOf, onPath, runOrThrow } from "../tools.ts";
import type { Kubectl } from "./kubectl.ts";

// renovate: datasource=go depName=github.com/argoproj/argo-cd/v3
const ARGO_CD_VERSION = "v3.5.1";

const ARGO_CD = "github.com/argoproj/argo-cd/v3";
const EXTERNAL_SECRETS = "github.com/external-secrets/external-secrets";

/** Returns a folder with copies of some files of Argo CD. */
export async function argoCdFiles(paths: readonly string[]): Promise<string> {
  return await moduleFiles(ARGO_CD, ARGO_CD_VERSION, paths);
}

/** Returns the version of the operator that is built here and of its published image, such as "v0.18.2". */
export async function externalSecretsVersion(): Promise<string> {
  const goMod = await Deno.readTextFile(fileURLToPath(new URL("./go/external-secrets/go.mod", import.meta.url)));
  const version = goMod.match(/^\tgithub\.com\/external-secrets\/external-secrets (v[\d.]+)/m)?.[1];
  if (version === undefined) throw new Error(`go/external-secrets/go.mod does not name ${EXTERNAL_SECRETS}`);
  return version;
}

/** Returns the file with the custom resource definitions of that operator. */
export async function externalSecretsCrds(): Promise<string> {
  const version = await externalSecretsVersion();
  return join(await moduleFiles(EXTERNAL_SECRETS, version, ["deploy/crds/bundle.yaml"]), "bundle.yaml");
}

/** Installs these definitions in a cluster, without the operator. */
export async function installExternalSecretsCrds(cluster: Kubectl): Promise<void> {
  const crds = await externalSecretsCrds();
  // The definitions are too large for the annotation of a client-side apply.
  await cluster.run(["apply", "--server-side", "-f", crds]);
  await cluster.run(["wait", "--for=condition=Established", "-f", crds, "--timeout=60s"]);
}

async function moduleFiles(module: string, version: string, paths: readonly string[]): Promise<string> {
  return await installed(`module-files-${await keyOf([module, version, ...paths])}`, async (folder) => {
    const query = ["mod", "download", "-json", `${module}@${version}`];
    const { stdout } = await runOrThrow(await onPath("go"), query, { cwd: folder });
    const { Dir } = JSON.parse(stdout) as { Dir: string };
    for (const path of paths) await Deno.copyFile(join(Dir, path), join(folder, basename(path)));
  });
}
