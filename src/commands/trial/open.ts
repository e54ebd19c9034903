/**
 * Forwards a port of this machine to the gateway.
 *
 * @module
 */

import type { Cluster } from "../../cluster/context.ts";
import { type Machine, TrialFailed } from "../../cluster/machine.ts";
import type { Gateway } from "./overlay.ts";

/** The address to listen on. It is numeric, so that kubectl reports at once if the port is in use. */
const ADDRESS = "127.0.0.1";

/**
 * Forwards a port of this machine to the gateway until Ctrl-C.
 *
 * @throws {TrialFailed} if the port cannot be forwarded, or the connection to the pod is lost
 */
export async function openGateway(
  machine: Machine,
  cluster: Cluster,
  gateway: Gateway,
  port: number,
  opened: (url: string) => void,
): Promise<void> {
  const said: string[] = [];
  let isOpen = false;
  const { namespace, name, port: target } = gateway;
  const status = await machine.follow(
    "kubectl",
    [
      ...cluster.select,
      ...["-n", namespace, "port-forward", "--address", ADDRESS],
      ...[`service/${name}`, `${port}:${target}`],
    ],
    (line) => {
      said.push(line);
      if (isOpen || !line.startsWith("Forwarding from ")) return;
      isOpen = true;
      opened(`http://${ADDRESS}:${port}/`);
    },
  );
  if (status === "stopped" && isOpen) return;
  const all = said.join("\n");
  if (/address already in use|permission denied/.test(all)) {
    throw new TrialFailed(`port ${port} on this machine is in use, or you may not use it; choose another with --port`);
  }
  if (/lost connection to pod/.test(all)) {
    throw new TrialFailed(`lost the connection to the pod; see deno task trial status --context ${cluster.context}`);
  }
  throw new TrialFailed(`kubectl port-forward ended: ${said.at(-1) ?? status}`);
}
