/**
 * Files that others publish in their Go modules: custom resource definitions, and the rights that a controller has.
 *
 * @module
 */

import { basename, join } from "node:path";
import { installed, keyOf, must, onPath } from "../judges/parts.ts";
import { type Kubectl, until } from "./kubectl.ts";

/** Versions, as lolice runs them. */
const VERSIONS = {
  "github.com/argoproj/argo-cd/v3": "3.5.1",
  "github.com/external-secrets/external-secrets": "0.18.2",
} as const;

/** The folder with copies of some files of a module. */
export async function moduleFiles(module: keyof typeof VERSIONS, paths: readonly string[]): Promise<string> {
  const version = `${module}@v${VERSIONS[module]}`;
  return await installed(`module-files-${await keyOf([version, ...paths])}`, async (folder) => {
    const { stdout } = await must(await onPath("go"), ["mod", "download", "-json", version], { cwd: folder });
    const { Dir } = JSON.parse(stdout) as { Dir: string };
    for (const path of paths) await Deno.copyFile(join(Dir, path), join(folder, basename(path)));
  });
}

/** The definitions of External Secrets' objects. */
export async function externalSecretsCrds(): Promise<string> {
  const folder = await moduleFiles("github.com/external-secrets/external-secrets", ["deploy/crds/bundle.yaml"]);
  return join(folder, "bundle.yaml");
}

/** Gives a cluster these definitions, without an operator. */
export async function installExternalSecretsCrds(cluster: Kubectl): Promise<void> {
  // Larger than what a client-side apply can note down.
  await cluster.run(["apply", "--server-side", "-f", await externalSecretsCrds()]);
  await until(
    "External Secrets' API",
    async () => (await cluster.kubectl(["get", "externalsecrets", "-A"])).code === 0,
  );
}
