/**
 * The docker daemon of a running pod, and an image imported into it, because nothing can be pulled here.
 *
 * @module
 */

import { until } from "../cluster/kubectl.ts";
import { imageFor } from "./images.ts";
import type { Running } from "./container.ts";

/** A container with the docker client. */
type Docker = Pick<Running, "exec">;

/** Waits until the daemon answers. */
export async function untilDaemon(docker: Docker): Promise<void> {
  await until("the pod's docker daemon", async () => (await docker.exec(["docker", "version"])).code === 0);
}

/** Imports the fake of an image, under the reference's own name, as soon as the daemon answers. */
export async function importImage(docker: Docker, reference: string): Promise<void> {
  const { rootfs, config } = await imageFor(reference);
  await untilDaemon(docker);
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
