/**
 * Searches a pod for a value: in the environments of all containers and processes, in files and in logs.
 *
 * @module
 */

import type { Pod } from "./pod.ts";

/** Returns every location in the pod that contains the value, such as `env openclaw`, `/home/node/x`, `log openclaw`. */
export async function placesOf(pod: Pod, value: string): Promise<string[]> {
  const places: string[] = [];
  const containers = [...pod.spec.initContainers ?? [], ...pod.spec.containers].map(({ name }) => name);
  for (const name of containers) {
    const container = pod.container(name);
    if (container.config.process.env.some((line) => line.includes(value))) places.push(`env ${name}`);
    if ((await container.logs()).includes(value)) places.push(`log ${name}`);
    // The files of an init container are on the volumes, which other containers mount too.
    if (container.exitCode() === undefined) places.push(...await filesWith(pod, name, value));
  }
  return [...new Set(places)].toSorted();
}

/** Searches the environments of processes, volumes and writable parts of the root file system. */
async function filesWith(pod: Pod, container: string, value: string): Promise<string[]> {
  const search =
    "exec grep -rlaF -f - /proc/[0-9]*/environ /proc/[0-9]*/cmdline /certs /etc /home /opt /run /tmp /workspaces";
  // The pattern is on standard input, because in the arguments the search would find itself.
  const { stdout } = await pod.exec(container, ["sh", "-c", search], { stdin: `${value}\n` });
  return stdout.split("\n").filter((line) => line !== "");
}
