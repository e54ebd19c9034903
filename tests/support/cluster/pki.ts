/**
 * The certificates and kubeconfigs of one cluster, of no use after it.
 *
 * @module
 */

import { join } from "node:path";
import { runOrThrow } from "../tools.ts";

/** Who has a client certificate, with what the API server takes them for. */
const CLIENTS = {
  admin: "/O=system:masters/CN=admin",
  apiserver: "/O=system:masters/CN=apiserver-kubelet-client",
  "controller-manager": "/CN=system:kube-controller-manager",
  scheduler: "/CN=system:kube-scheduler",
  kubelet: "/O=system:nodes/CN=system:node:node",
  "kube-proxy": "/CN=system:kube-proxy",
  // Its chart gives it a role, which is not ours to judge.
  "external-secrets": "/O=system:masters/CN=external-secrets",
} as const;

/** Who has a server certificate, with its names. */
const SERVERS = {
  "apiserver-serving": [
    ...["IP:127.0.0.1", "IP:10.96.0.1", "IP:10.200.0.1", "DNS:localhost", "DNS:kubernetes", "DNS:kubernetes.default"],
    ...["DNS:kubernetes.default.svc", "DNS:kubernetes.default.svc.cluster.local"],
  ],
  "kubelet-serving": ["IP:10.200.0.1", "DNS:node"],
} as const;

/** Port of the API server within the machine. */
export const API_PORT = 6443;

/** Writes both. The kubeconfigs' paths are those within the machine. */
export async function makePki(folder: string, kubeconfigs: string): Promise<void> {
  for (const path of [folder, kubeconfigs]) await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  const openssl = (...args: string[]) => runOrThrow("openssl", args, { cwd: folder });
  await openssl("genrsa", "-out", "service-account.key", "2048");
  await openssl("rsa", "-in", "service-account.key", "-pubout", "-out", "service-account.pub");
  const key = (name: string) => openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
  await key("ca");
  await openssl(...["req", "-x509", "-new", "-key", "ca.key", "-days", "2", "-subj", "/CN=ca", "-out", "ca.crt"]);
  const sign = async (name: string, subject: string, extensions: string) => {
    await key(name);
    await openssl(...["req", "-new", "-key", `${name}.key`, "-subj", subject, "-out", `${name}.csr`]);
    await Deno.writeTextFile(join(folder, `${name}.ext`), extensions);
    const ca = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", `${name}.ext`];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...ca, "-out", `${name}.crt`);
  };
  for (const [name, names] of Object.entries(SERVERS)) {
    await sign(name, `/CN=${name}`, `extendedKeyUsage=serverAuth\nsubjectAltName=${names.join(",")}\n`);
  }
  for (const [name, subject] of Object.entries(CLIENTS)) {
    await sign(name, subject, "extendedKeyUsage=clientAuth\n");
    const within = "/run/cluster/pki";
    await Deno.writeTextFile(
      join(kubeconfigs, name),
      kubeconfig(`https://127.0.0.1:${API_PORT}`, within, name),
      { mode: 0o600 },
    );
  }
}

/** The context of these kubeconfigs, and the cluster and the user of it. */
export const CONTEXT = "cluster";

/** A kubeconfig for one of the clients, with the certificates in a folder. */
export function kubeconfig(server: string, pki: string, client: string): string {
  const entry = (name: string, value: unknown) => ({ name: CONTEXT, [name]: value });
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [entry("cluster", { server, "certificate-authority": join(pki, "ca.crt") })],
    users: [
      entry("user", {
        "client-certificate": join(pki, `${client}.crt`),
        "client-key": join(pki, `${client}.key`),
      }),
    ],
    contexts: [entry("context", { cluster: CONTEXT, user: CONTEXT })],
    "current-context": CONTEXT,
  });
}
