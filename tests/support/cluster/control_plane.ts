/**
 * Starts etcd, the API server, the controllers and the scheduler in a machine.
 *
 * @module
 */

import { built, type ProgramName } from "./build.ts";
import { type Kubectl, until } from "./kubectl.ts";
import type { Machine } from "./machine.ts";
import { NODE_ADDRESS } from "./machine.ts";
import { API_PORT } from "./pki.ts";

const PKI = "/run/cluster/pki";
const SERVICES = "10.96.0.0/16";

/** What the control plane includes. */
export interface ControlPlaneOptions {
  readonly scheduler: boolean;
  /** Whether nodes have kubelets, whose heartbeats show that a node is alive. Otherwise a test sets the state of its nodes. */
  readonly kubelets: boolean;
}

/** Starts the control plane. `connect` returns a kubectl for the API server, which may not answer yet. */
export async function startControlPlane(
  machine: Machine,
  { scheduler, kubelets }: ControlPlaneOptions,
  connect: () => Promise<Kubectl>,
): Promise<Kubectl> {
  const failed: Promise<string>[] = [];
  const start = async (program: ProgramName, args: readonly string[]) => {
    failed.push(machine.start(program, [await built(program), ...args]).ended);
  };
  const ended = () => Promise.race(failed).then((reason) => Promise.reject(new Error(reason)));
  await start("etcd", [
    ...["--name=node", "--data-dir=/var/lib/etcd", "--unsafe-no-fsync", "--log-level=warn"],
    ...["--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379"],
    ...["--listen-peer-urls=http://127.0.0.1:2380", "--initial-advertise-peer-urls=http://127.0.0.1:2380"],
    "--initial-cluster=node=http://127.0.0.1:2380",
  ]);
  await start("kube-apiserver", [
    ...["--etcd-servers=http://127.0.0.1:2379", "--bind-address=0.0.0.0", `--secure-port=${API_PORT}`],
    ...[`--advertise-address=${NODE_ADDRESS}`, `--service-cluster-ip-range=${SERVICES}`],
    ...["--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true"],
    ...[`--client-ca-file=${PKI}/ca.crt`, `--tls-cert-file=${PKI}/apiserver-serving.crt`],
    ...[`--tls-private-key-file=${PKI}/apiserver-serving.key`],
    ...[`--kubelet-client-certificate=${PKI}/apiserver.crt`, `--kubelet-client-key=${PKI}/apiserver.key`],
    ...[`--kubelet-certificate-authority=${PKI}/ca.crt`, "--kubelet-preferred-address-types=InternalIP"],
    ...[
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${PKI}/service-account.pub`,
    ],
    ...[`--service-account-signing-key-file=${PKI}/service-account.key`, "--profiling=false"],
  ]);
  const kubectl = await connect();
  const ready = async () => await kubectl.run(["get", "--raw", "/readyz"]) === "ok";
  await Promise.race([until("the API server", ready, { timeoutMs: 120_000 }), ended()]);
  await start("kube-controller-manager", [
    ...["--kubeconfig=/run/cluster/kubeconfig/controller-manager", "--leader-elect=false", "--bind-address=127.0.0.1"],
    ...["--use-service-account-credentials=true", `--service-account-private-key-file=${PKI}/service-account.key`],
    ...[`--root-ca-file=${PKI}/ca.crt`, `--cluster-signing-cert-file=${PKI}/ca.crt`],
    ...[`--cluster-signing-key-file=${PKI}/ca.key`, "--allocate-node-cidrs=true", "--cluster-cidr=10.244.0.0/16"],
    ...[`--service-cluster-ip-range=${SERVICES}`, ...(kubelets ? [] : ["--node-monitor-grace-period=24h"])],
  ]);
  if (scheduler) {
    const config = "--kubeconfig=/run/cluster/kubeconfig/scheduler";
    await start("kube-scheduler", [config, "--leader-elect=false", "--bind-address=127.0.0.1"]);
  }
  const account = async () => (await kubectl.kubectl(["get", "serviceaccount", "default"])).code === 0;
  await Promise.race([until("the controllers", account), ended()]);
  return kubectl;
}
