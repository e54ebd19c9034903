/**
 * Runs a container's probes as a kubelet does: from outside over HTTP or TCP, or inside with a command.
 *
 * @module
 */

import type { IProbe } from "kubernetes-models/v1/Probe";
import type { Running } from "./container.ts";

/** Runs a probe once. */
export async function probe(check: IProbe, address: string, container: Running): Promise<boolean> {
  const timeoutMs = (check.timeoutSeconds ?? 1) * 1000;
  if (check.exec !== undefined) {
    return (await container.exec(check.exec.command ?? [], { timeoutMs })).code === 0;
  }
  if (check.httpGet !== undefined) {
    const { path = "/", port } = check.httpGet;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await fetch(`http://${address}:${port}${path}`, {
        signal,
        headers: { "user-agent": "kube-probe" },
      });
      await answer.body?.cancel();
      return answer.status >= 200 && answer.status < 400;
    } catch {
      return false;
    }
  }
  if (check.tcpSocket !== undefined) {
    const port = Number(check.tcpSocket.port);
    return await Deno.connect({ hostname: address, port, signal: AbortSignal.timeout(timeoutMs) })
      .then((connection) => (connection.close(), true), () => false);
  }
  throw new Error(`a probe with ${Object.keys(check)} is not supported here`);
}

/** Repeats a probe until it passes. Throws if it reaches its failure threshold, or if the container has exited. */
export async function untilProbed(what: string, check: IProbe, address: string, container: Running): Promise<void> {
  const { periodSeconds = 10, failureThreshold = 3 } = check;
  for (let failures = 0; failures < failureThreshold; failures++) {
    const began = Date.now();
    if (await probe(check, address, container)) return;
    const next = new Promise((resolve) => setTimeout(resolve, Math.max(0, periodSeconds * 1000 + began - Date.now())));
    await Promise.race([next, container.exited]);
    if (container.exitCode() !== undefined) {
      throw new Error(`${what}: it ended with exit status ${container.exitCode()}\n${await tail(container)}`);
    }
  }
  throw new Error(`${what}: failed ${failureThreshold} times\n${await tail(container)}`);
}

/** Returns the last lines of a container's output. */
export async function tail(container: Running, lines = 15): Promise<string> {
  return (await container.logs()).trimEnd().split("\n").slice(-lines).join("\n");
}
