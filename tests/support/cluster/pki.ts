/**
 * The certificates and kubeconfigs of one cluster, which are useless afterwards.
 *
 * @module
 */

import { join } from "node:path";
import { runOrThrow } from "../tools.ts";

/** Holders of a client certificate, each with the subject that the API server sees. */
const CLIENTS = {
  admin: "/O=system:masters/CN=admin",
  apiserver: "/O=system:masters/CN=apiserver-kubelet-client",
  "controller-manager": "/CN=system:kube-controller-manager",
  scheduler: "/CN=system:kube-scheduler",
  kubelet: "/O=system:nodes/CN=system:node:node",
  "kube-proxy": "/CN=system:kube-proxy",
  // The role of its chart is not tested here.
  "external-secrets": "/O=system:masters/CN=external-secrets",
} as const;

/** Holders of a server certificate, each with its names. */
const SERVERS = {
  "apiserver-serving": [
    ...["IP:127.0.0.1", "IP:10.96.0.1", "IP:10.200.0.1", "DNS:localhost", "DNS:kubernetes", "DNS:kubernetes.default"],
    ...["DNS:kubernetes.default.svc", "DNS:kubernetes.default.svc.cluster.local"],
  ],
  "kubelet-serving": ["IP:10.200.0.1", "DNS:node"],
} as const;

/** Port of the API server in the machine. */
export const API_PORT = 6443;

/** Writes certificates and kubeconfigs. The paths in the kubeconfigs are those in the machine. */
export async function createPki(folder: string, kubeconfigs: string): Promise<void> {
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

/** Name of the context in these kubeconfigs, and of its cluster and user. */
export const CONTEXT = "cluster";

/** Returns a kubeconfig for one of the clients, with the certificates in a folder. */
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
