/**
 * The programs of a cluster, built from their Go modules into the cache: Kubernetes, etcd and CoreDNS as published, and a few small
 * ones of our own; and what runs beside a cluster where a test wants it. About 13 minutes of CPU from nothing, and 10 more for the
 * External Secrets Operator; each is built once for the versions in its module's go.mod and go.sum.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed, keyOf, onPath, runOrThrow } from "../tools.ts";

interface Program {
  /** Folder of `go/` with the go.mod. */
  readonly module: string;
  /** What is built: a package of a module, or a folder of our own. */
  readonly target: string;
  readonly ldflags?: string;
}

const MODULES = fileURLToPath(new URL("./go", import.meta.url));

/** What the API server and its clients call themselves. */
const VERSION = await kubernetesVersion();
const [MAJOR, MINOR] = VERSION.split(".");

/** What every cluster is made of. */
const CLUSTER = {
  "kube-apiserver": kubernetes("kube-apiserver"),
  "kube-controller-manager": kubernetes("kube-controller-manager"),
  "kube-scheduler": kubernetes("kube-scheduler"),
  "kube-proxy": kubernetes("kube-proxy"),
  kubelet: kubernetes("kubelet"),
  policy: { module: "kubernetes", target: "./policy" },
  etcd: { module: "etcd", target: "go.etcd.io/etcd/server/v3" },
  coredns: { module: "dns", target: "./dns" },
  pause: { module: "tools", target: "./pause" },
  probe: { module: "tools", target: "./probe" },
  relay: { module: "tools", target: "./relay" },
  cloudflared: { module: "tools", target: "./cloudflared" },
} as const satisfies Record<string, Program>;

const PROGRAMS = {
  ...CLUSTER,
  // Argo CD's own, in a program of ours.
  engine: { module: "argocd", target: "./engine" },
  // With every provider: the published operator, not one that the tests cut down to the two that they use.
  "external-secrets": { module: "external-secrets", target: "github.com/external-secrets/external-secrets" },
} as const satisfies Record<string, Program>;

/** A program. */
export type ProgramName = keyof typeof PROGRAMS;

/** Names of those that every cluster is made of. */
export const PROGRAM_NAMES = Object.keys(CLUSTER) as (keyof typeof CLUSTER)[];

/** The path of a program, built at the first call. */
export async function built(name: ProgramName): Promise<string> {
  const { module, target, ldflags = "" }: Program = PROGRAMS[name];
  const folder = join(MODULES, module);
  const key = await keyOf([...await sourcesOf(folder, target), target, ldflags]);
  const home = await installed(`cluster-${name}-${key}`, async (part) => {
    // Whoever waits for it may as well go on working.
    await runOrThrow(await onPath("nice"), [
      ...["-n", "10", await onPath("go"), "build", "-trimpath", `-ldflags=-s -w ${ldflags}`],
      ...["-o", join(part, name), target],
    ], { cwd: folder, env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" } });
  });
  return join(home, name);
}

/** The texts that a program is made from: the versions of its modules, and our own files. */
async function sourcesOf(module: string, target: string): Promise<string[]> {
  const files = [join(module, "go.mod")];
  const sums = join(module, "go.sum");
  if (await Deno.stat(sums).then(() => true, () => false)) files.push(sums);
  if (target.startsWith("./")) {
    const names = [];
    for await (const { name } of Deno.readDir(join(module, target))) names.push(name);
    files.push(...names.toSorted().map((name) => join(module, target, name)));
  }
  return await Promise.all(files.map((file) => Deno.readTextFile(file)));
}

function kubernetes(command: string): Program {
  const version = { gitVersion: `v${VERSION}`, gitMajor: MAJOR, gitMinor: MINOR, gitTreeState: "clean" };
  const ldflags = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
    .flatMap((path) => Object.entries(version).map(([name, value]) => `-X ${path}.${name}=${value}`)).join(" ");
  return { module: "kubernetes", target: `k8s.io/kubernetes/cmd/${command}`, ldflags };
}

async function kubernetesVersion(): Promise<string> {
  const text = await Deno.readTextFile(join(MODULES, "kubernetes/go.mod"));
  const version = text.match(/^\tk8s\.io\/kubernetes v([\d.]+)/m)?.[1];
  if (version === undefined) throw new Error("go/kubernetes/go.mod does not name k8s.io/kubernetes");
  return version;
}
