/**
 * A cluster for tests that is just as the generated files want it: a stand-in for kubectl that answers as kubectl's templates would.
 *
 * @module
 */

import { selectorLabels } from "../../../../src/model/workloads.ts";
import type { Model } from "../../../../src/model/model.ts";
import { openedBy } from "../../../../src/commands/verify/destinations.ts";
import {
  claims,
  type Container,
  containersOf,
  deployments,
  type Expected,
  expectedObjects,
  type Overlay,
} from "../../../../src/commands/verify/expected.ts";
import type { Target } from "../../../../src/commands/verify/inside.ts";
import { type Kubectl, KubectlFailed } from "../../../../src/cluster/kubectl.ts";
import { secretKey } from "../../../../src/tables/secrets.ts";

/** What a test changes: the answer to calls that match, or a failure with these words. */
export interface Change {
  readonly match: RegExp;
  readonly answer?: (before: string) => string;
  readonly fail?: string;
  /** What a forwarded port answers. */
  readonly response?: () => Response;
}

/** The stand-in, with every call that was made of it. */
export interface Standin extends Kubectl {
  readonly calls: readonly (readonly string[])[];
}

/** Addresses by the workload's name; the last number tells them apart. */
const IPS = { cloudflared: "10.244.0.2", openclaw: "10.244.0.3", litellm: "10.244.0.4", sandbox: "10.244.0.5" };
const DNS_POD = "10.244.0.9";
/** The node of LiteLLM and cloudflared in production; every other pod is on `node`. */
export const KEYS_NODE = "keys";

const known = new Map<Model, Map<Overlay, Expected>>();

/** {@linkcode expectedObjects}, once for each model: it parses every file. */
function expectedOf(model: Model, overlay: Overlay): Expected {
  const overlays = known.get(model) ?? new Map<Overlay, Expected>();
  known.set(model, overlays);
  const expected = overlays.get(overlay) ?? expectedObjects(model, overlay);
  overlays.set(overlay, expected);
  return expected;
}

/** A healthy cluster with an overlay, but for some changes. */
export function standin(model: Model, overlay: Overlay, changes: readonly Change[] = []): Standin {
  const expected = expectedOf(model, overlay);
  const calls: string[][] = [];
  const probes = new Map<string, string>();
  const respond = (args: readonly string[]): string => {
    const [verb, kind, name] = args;
    const option = (flag: string) => args.find((arg) => arg.startsWith(`--${flag}=`))?.slice(flag.length + 3) ?? "";
    if (verb === "exec") return inside(model, expected, args, probes);
    if (verb === "delete" && args.includes("--dry-run=server")) {
      throw new KubectlFailed(
        "Error from server (Forbidden): ValidatingAdmissionPolicy 'openclaw-data-guard' denied request",
      );
    }
    if (verb === "api-resources") return "externalsecrets.external-secrets.io\n";
    if (verb !== "get") return "";
    switch (kind) {
      case "pods":
        return JSON.stringify(podsOf(model, expected, option("selector")));
      case "deployment": {
        if (args.includes("--ignore-not-found")) return overlay === "prod" ? `deployment.apps/${name}\n` : "";
        const counts = { generation: 1, observed: 1, wanted: 1, updated: 1, available: 1, total: 1 };
        return JSON.stringify({ ...counts, isAvailable: "True", why: [null] });
      }
      case "secret": {
        const reader = model.readers.find(({ secret }) => secret.name === name);
        if (reader === undefined) return "";
        return reader.reads.map(({ secret }) => `${secretKey(secret.name)}\n`).join("");
      }
      case "externalsecrets.external-secrets.io":
        return args.includes("--ignore-not-found") ? (overlay === "kind-eso" ? "one\n" : "") : "True SecretSynced ok";
      case "pvc": {
        const claim = claims(expected).find(({ metadata }) => metadata?.name === name);
        return `Bound ${claim?.spec?.resources?.requests?.["storage"]} longhorn`;
      }
      case "service":
        return "10.96.0.1";
      default:
        return "";
    }
  };
  return {
    calls,
    run: (args, { input } = {}) => {
      calls.push([...args]);
      if (input !== undefined) {
        const { metadata } = JSON.parse(input) as { metadata: { name: string; labels: Record<string, string> } };
        probes.set(metadata.name, metadata.labels["app.kubernetes.io/name"] ?? "");
      }
      const line = args.join(" ");
      const change = changes.find(({ match }) => match.test(line));
      return Promise.resolve().then(() => {
        if (change?.fail !== undefined) throw new KubectlFailed(change.fail);
        // What the cluster refuses by itself, a test can let pass.
        if (change?.answer !== undefined && args.includes("--dry-run=server")) return change.answer("");
        const before = respond(args);
        return change?.answer?.(before) ?? before;
      });
    },
    forward: (namespace, pod, port) => {
      const line = `forward ${namespace} ${pod} ${port}`;
      calls.push(line.split(" "));
      const change = changes.find(({ match }) => match.test(line));
      if (change?.fail !== undefined) return Promise.reject(new KubectlFailed(change.fail));
      return Promise.resolve({
        get: () => Promise.resolve(change?.response?.() ?? Response.json({ status: 200, readyConnections: 4 })),
        greeting: () => Promise.resolve("SSH-2.0-OpenSSH_9.2"),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  };
}

function podsOf(model: Model, expected: Expected, selector: string) {
  if (selector.includes("kube-dns")) {
    return [pod("coredns", "kube-system", { "k8s-app": "kube-dns" }, DNS_POD, [coredns])];
  }
  return deployments(expected).flatMap((deployment) => {
    const workload = model.workloads.find(({ name }) => name === deployment.metadata?.name);
    if (workload === undefined || !selector.includes(`app.kubernetes.io/name=${workload.name},`)) return [];
    const containers = containersOf(deployment).map(liveContainer);
    const made = pod(
      `${workload.name}-1`,
      workload.namespace,
      selectorLabels(workload),
      addressOf(workload.name),
      containers,
    );
    // Production has a node for the keys; a trial has one node.
    const elsewhere = expected.overlay === "prod" && ["litellm", "cloudflared"].includes(workload.name);
    return [elsewhere ? { ...made, node: KEYS_NODE, nodeIp: "10.200.0.2" } : made];
  });
}

const addressOf = (name: string) => (IPS as Record<string, string>)[name] ?? "";
const coredns = {
  name: "coredns",
  image: "coredns",
  envFrom: false,
  probed: "ready",
  ports: [{ name: "ready", port: 8181 }],
  env: [],
};

function pod(name: string, namespace: string, labels: object, ip: string, containers: readonly object[]) {
  const where = { phase: "Running", ip, node: "node", nodeIp: "10.200.0.1" };
  return {
    name,
    namespace,
    labels,
    ...where,
    ready: "True",
    deleting: false,
    token: "",
    containers: [...containers, null],
  };
}

function liveContainer({ name, image, env = [], ports = [], readinessProbe }: Container) {
  const probed = readinessProbe?.httpGet?.port;
  return {
    name,
    image,
    envFrom: false,
    ...(probed === undefined ? {} : { probed: String(probed) }),
    ports: ports.map(({ name, containerPort }) => ({ name, port: containerPort })),
    env: env.map(({ name, valueFrom }) => ({
      name,
      ...(valueFrom?.secretKeyRef === undefined
        ? {}
        : { secret: valueFrom.secretKeyRef.name, key: valueFrom.secretKeyRef.key }),
    })),
  };
}

/** What a process in a container says: everything that a flow opens is open, and every workload listens. */
function inside(
  model: Model,
  expected: Expected,
  args: readonly string[],
  probes: ReadonlyMap<string, string>,
): string {
  const podName = args[2] ?? "";
  const container = args.find((arg) => arg.startsWith("--container="))?.slice("--container=".length) ?? "";
  const command = args.slice(args.indexOf("--") + 1);
  const { codex, gh } = model.config.tools;
  if (command.join(" ") === "codex --version") return `codex-cli ${codex.version}\n`;
  if (command.join(" ") === "gh --version") return `gh version ${gh.version.replace("v", "")} (2026-10-01)\nmore\n`;
  const own = deployments(expected).flatMap(containersOf).find(({ name }) => name === container)?.env ?? [];
  if (command[0] === "sh") return ["PATH", "HOME", ...own.map(({ name }) => name), ""].join("\n");
  if (command.at(-1)?.includes("SSH") || command.at(-1)?.includes('require("net")')) return "SSH-2.0-OpenSSH_9.2\n";
  if (command.at(-1)?.includes("SPEND_FILE")) return "{}";
  if (command.at(-1)?.includes("/has-key")) return expected.overlay === "prod" ? "yes" : "404";
  const sandboxed = command[0] === "docker" && command[1] === "run";
  if (!sandboxed && !["node", "python3"].includes(command[0] ?? "")) return "";
  const last = command.at(-1) ?? "[]";
  if (!last.startsWith("[")) return "";
  // A probe pod is its workload to the policies, but listens nowhere.
  const from = probes.get(podName) ?? podName.replace(/-1$/, "");
  const variables = model.workloads.some(({ name }) => name === container) ? own.map(({ name }) => name) : [];
  const dials = (JSON.parse(last) as Target[]).map((target) => ({
    id: target.id,
    tries: isOpen(model, sandboxed ? "sandbox of openclaw" : from, target) ? ["open"] : ["timeout", "timeout"],
  }));
  return JSON.stringify({ uid: 1000, variables: ["PATH", ...variables], token: false, dials });
}

function isOpen(model: Model, from: string, { host, port, protocol }: Target): boolean {
  const name = model.workloads.find(({ name, namespace }) =>
    host === addressOf(name) || host === `${name}.${namespace}.svc.cluster.local`
  )?.name;
  // Its own ports are open to itself, but not to what runs in its sandboxes.
  if (name !== undefined && name === from) return true;
  const place = name !== undefined
    ? { kind: "workload", workload: name } as const
    : host === "@resolver"
    ? { kind: "dns" } as const
    : /^1\.|argotunnel/.test(host)
    ? { kind: "internet" } as const
    : { kind: "forbidden" } as const;
  const sandboxed = from === "sandbox of openclaw";
  // The pod's firewall leaves its sandboxes the resolver and the internet.
  if (sandboxed && place.kind !== "dns" && place.kind !== "internet") return false;
  return openedBy(model.flows, sandboxed ? "openclaw" : from, { name: "", place, protocol, port, address: host }) !==
    undefined;
}
