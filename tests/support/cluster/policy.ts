/**
 * The engine that enforces NetworkPolicies, and a gate: the engine is trusted only after it has blocked a connection that was
 * open.
 *
 * It is kube-router's controller, because kind's engine needs kernel queues that not every machine has. A blocked connection is
 * refused and does not time out. IPv6 is not covered: the node has none, and IPv6 blocks are removed before the engine reads
 * them.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { built } from "./build.ts";
import { type Kubectl, until } from "./kubectl.ts";
import type { Machine } from "./machine.ts";
import { NODE } from "./node.ts";

const GATE = fileURLToPath(new URL("./config/gate", import.meta.url));
const PROBER = ["--namespace=cluster-gate", "prober"];

/** Starts the engine. With `asPublished` it reads IPv6 blocks, at which it fails. */
export async function startPolicyEngine(machine: Machine, { asPublished = false } = {}): Promise<void> {
  machine.start("policy", [
    await built("policy"),
    ...["--kubeconfig=/run/cluster/kubeconfig/admin", `--hostname-override=${NODE}`, "--iptables-sync-period=1m"],
    ...["--service-cluster-ip-range=10.96.0.0/16", `--keep-ipv6=${asPublished}`],
    ...["--run-router=false", "--run-service-proxy=false", "--run-firewall=true"],
  ]);
}

/** Throws unless the engine, within a time, enforces a policy like the generated ones. */
export async function passGate(machine: Machine, kubectl: Kubectl, timeoutMs = 20_000): Promise<void> {
  await kubectl.apply(`${GATE}/pods.yaml`);
  await kubectl.run(["wait", "--namespace=cluster-gate", "--for=condition=Ready", "pod", "--all", "--timeout=60s"]);
  const open = async () =>
    (await kubectl.exec(PROBER, ["probe", "dial", "target.cluster-gate.svc.cluster.local:80"])).code === 0;
  await until("a connection between two pods without policies", open, { timeoutMs: 20_000 });
  await kubectl.apply(`${GATE}/policy.yaml`);
  const shut = await until("a connection blocked by a NetworkPolicy", async () => !await open(), { timeoutMs }).catch((
    error,
  ) => error);
  const aborted = (await machine.logOf("policy").catch(() => "")).match(/^.*Aborting sync.*$/m);
  if (aborted !== null) throw new Error(`the engine of NetworkPolicies has given up: ${aborted[0]}`);
  if (shut instanceof Error) throw shut;
  await kubectl.run(["delete", "namespace", "cluster-gate", "--wait=false"]);
}
