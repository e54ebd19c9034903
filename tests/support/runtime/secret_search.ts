/**
 * Where in a pod a value can be read: the environments of all containers and processes, files, logs.
 *
 * @module
 */

import type { Pod } from "./pod.ts";

/** Every place of the pod that holds the value, such as `env openclaw`, `/home/node/x`, `log openclaw`. */
export async function placesOf(pod: Pod, value: string): Promise<string[]> {
  const places: string[] = [];
  const containers = [...pod.spec.initContainers ?? [], ...pod.spec.containers].map(({ name }) => name);
  for (const name of containers) {
    const container = pod.container(name);
    if (container.config.process.env.some((line) => line.includes(value))) places.push(`env ${name}`);
    if ((await container.logs()).includes(value)) places.push(`log ${name}`);
    // An init step's files are on the volumes, which the others have as well.
    if (container.exitCode() === undefined) places.push(...await filesWith(pod, name, value));
  }
  return [...new Set(places)].toSorted();
}

/** Processes' environments, volumes and what was written on the root file system. */
async function filesWith(pod: Pod, container: string, value: string): Promise<string[]> {
  const search = "exec grep -rlaF -f - /proc/[0-9]*/environ /proc/[0-9]*/cmdline /certs /etc /home /opt /run /tmp";
  // The pattern comes by standard input: in the arguments the search would find itself.
  const { stdout } = await pod.exec(container, ["sh", "-c", search], { stdin: `${value}\n` });
  return stdout.split("\n").filter((line) => line !== "");
}
