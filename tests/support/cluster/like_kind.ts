/**
 * The tests' own cluster in the role of a given kind cluster: it has only the default storage class, can "pull" images, and its
 * sidecar can "build" the sandbox image.
 *
 * @module
 */

import { type NodeCluster, startCluster } from "./cluster.ts";
import { operatorImage } from "./external_secrets.ts";
import { imagesOf } from "./images.ts";
import { loadSandboxImage, NAMESPACE, objectsIn } from "./trial.ts";

/** Starts the cluster. */
export async function startLikeKind(): Promise<NodeCluster> {
  const cluster = await startCluster({ classes: ["standard"] });
  await cluster.addImages([...imagesOf(await objectsIn(cluster)), await operatorImage()]);
  await cluster.run(["wait", "--for=delete", "namespace/cluster-gate", "--timeout=60s"]);
  let isRunning = true;
  const building = (async () => {
    for (let last = ""; isRunning;) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const daemon = await daemonOf(cluster).catch(() => "");
      if (daemon === "" || daemon === last) continue;
      await loadSandboxImage(cluster).then(() => last = daemon, () => undefined);
    }
  })();
  return {
    ...cluster,
    [Symbol.asyncDispose]: async () => {
      isRunning = false;
      await building;
      await cluster[Symbol.asyncDispose]();
    },
  };
}

/** Returns the ID of the docker daemon's running container in the gateway's pod; empty if none is running. */
async function daemonOf({ get }: NodeCluster): Promise<string> {
  const { items } = await get("pods", `--namespace=${NAMESPACE}`, "--selector=app.kubernetes.io/name=openclaw");
  type Status = {
    readonly name: string;
    readonly containerID?: string;
    readonly state: { readonly running?: unknown };
  };
  const statuses: Status[] = items.flatMap(({ status }: { status: Record<string, Status[]> }) => [
    ...status.initContainerStatuses ?? [],
    ...status.containerStatuses ?? [],
  ]);
  const found = statuses.find(({ name, state }) => name === "docker" && state.running !== undefined);
  return found?.containerID ?? "";
}
