/**
 * Forwards a port of this machine to the gateway.
 *
 * @module
 */

import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import { onStop } from "../../cluster/signals.ts";
import { TrialFailed } from "./failed.ts";
import type { Gateway } from "./overlay.ts";

/**
 * Forwards a port of this machine to the gateway until Ctrl-C, and calls `opened` with its address.
 *
 * @throws {TrialFailed} if the port is in use or the connection to the pod is lost
 */
export async function openGateway(
  kubectl: Kubectl,
  { namespace, name, port }: Gateway,
  local: number,
  opened: (url: string) => void,
): Promise<void> {
  const stopped = Promise.withResolvers<"stopped">();
  using _stop = onStop(() => stopped.resolve("stopped"));
  const tunnel = { namespace, target: `service/${name}`, port, local };
  await using forward = await kubectl.forward(tunnel).catch((error: unknown) => {
    if (!(error instanceof KubectlFailed) || !/unable to listen/i.test(error.message)) throw error;
    throw new TrialFailed(
      `port ${local} on this machine is in use, or you may not use it; choose another with --port`,
    );
  });
  opened(`${forward.url}/`);
  if (await Promise.race([stopped.promise, forward.ended]) === "stopped") return;
  throw new TrialFailed(
    `lost the connection to the pod; run deno task trial status --context ${kubectl.context} to see why`,
  );
}
