/**
 * Builds the programs of a cluster from their Go modules into the cache: Kubernetes, etcd and CoreDNS as published, a few small
 * programs of this repository, and the programs that some tests run in addition. An empty cache costs about 13 minutes of CPU
 * time, and 10 more for the External Secrets Operator. Each is built once for the versions in its module's go.mod and go.sum.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed, keyOf, onPath, runOrThrow } from "../tools.ts";

interface Program {
  /** Folder in `go/` with the go.mod. */
  readonly module: string;
  /** The package to build, from a published module or from this repository. */
  readonly target: string;
  readonly ldflags?: string;
}

const MODULES = fileURLToPath(new URL("./go", import.meta.url));

/** The version that the API server and its clients report. */
const VERSION = await kubernetesVersion();
const [MAJOR, MINOR] = VERSION.split(".");

/** The programs of every cluster. */
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
  // Argo CD's own engine, in a program of this repository.
  engine: { module: "argocd", target: "./engine" },
  // The published operator with every provider, not reduced to the two that the tests use.
  "external-secrets": { module: "external-secrets", target: "github.com/external-secrets/external-secrets" },
} as const satisfies Record<string, Program>;

/** Name of a program. */
export type ProgramName = keyof typeof PROGRAMS;

/** Names of the programs of every cluster. */
export const PROGRAM_NAMES = Object.keys(CLUSTER) as (keyof typeof CLUSTER)[];

/** Returns the path of a program, which the first call builds. */
export async function built(name: ProgramName): Promise<string> {
  const { module, target, ldflags = "" }: Program = PROGRAMS[name];
  const folder = join(MODULES, module);
  const key = await keyOf([...await sourcesOf(folder, target), target, ldflags]);
  const home = await installed(`cluster-${name}-${key}`, async (part) => {
    // Leaves the processor to other processes.
    await runOrThrow(await onPath("nice"), [
      ...["-n", "10", await onPath("go"), "build", "-trimpath", `-ldflags=-s -w ${ldflags}`],
      ...["-o", join(part, name), target],
    ], { cwd: folder, env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" } });
  });
  return join(home, name);
}

/** Returns the texts that determine a program: the versions of its modules, and its files in this repository. */
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
