/**
 * An image put into the docker daemon of a running pod, as a restart of the pod would find it: nothing can be pulled here.
 *
 * @module
 */

import { imageFor } from "./images.ts";
import type { Running } from "./container.ts";

/** Imports the stand-in for an image, under the reference's own name, through a container that has docker's client. */
export async function importImage(docker: Pick<Running, "exec">, reference: string): Promise<void> {
  const { rootfs, config } = await imageFor(reference);
  const tar = new Deno.Command("tar", { args: ["--directory", rootfs, "--create", "."], stdout: "piped" }).spawn();
  const changes = [
    `CMD ${JSON.stringify(config.cmd)}`,
    `WORKDIR ${config.workingDir}`,
    ...(config.user === "" ? [] : [`USER ${config.user}`]),
  ].flatMap((change) => ["--change", change]);
  const { code, stderr } = await docker.exec(["docker", "import", ...changes, "-", reference], { stdin: tar.stdout });
  const { success } = await tar.status;
  if (code !== 0 || !success) throw new Error(`docker import ${reference}: ${stderr}`);
}
