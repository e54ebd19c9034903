/**
 * Deployments that do not become ready, each for another reason. `pods_after_*.jsonl` contain their state on a real node, and
 * states_test.ts checks how a trial explains it.
 *
 * @module
 */

import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";

/** The namespace of most Deployments; `strict` enforces PodSecurity `restricted`. */
export const NAMESPACES = ["fx", "strict"] as const;

/** The Deployments that will not recover, with the seconds to wait for each. The others may still recover. */
export const UNRECOVERABLE: Readonly<Record<string, number>> = {
  ...{ "init-fails": 0, "side-crashes": 0, "crashes": 0, "oom": 0, "killed-by-liveness": 0, "no-program": 0 },
  ...{ "no-image": 0, "no-image-init": 0, "bad-image": 0, "never-pull": 0, "no-secret": 0, "root-user": 0 },
  ...{ "no-class": 0, "forbidden": 30, "too-big": 180, "no-node": 180 },
};

type Pod = Partial<IPodSpec>;
type Option = Partial<IContainer>;

const SLEEP = ["sleep", "100000"];
/** A port on which nothing listens. */
const NO_REGISTRY = "registry.invalid/nobody/nothing:1";

/** Returns every object, with an image that has a shell and sleep. */
export function failingWorkloads(image: string): object[] {
  const container = (name: string, command: string[], option: Option = {}): IContainer => ({
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    command,
    terminationMessagePolicy: "FallbackToLogsOnError",
    ...option,
  });
  const main = (option: Option = {}, command = SLEEP): Pod => ({ containers: [container("main", command, option)] });
  const shell = (script: string, option: Option = {}) => main(option, ["sh", "-c", script]);
  const after = (...initContainers: IContainer[]): Pod => ({ ...main(), initContainers });
  const step = (name: string, script: string, option?: Option) => container(name, ["sh", "-c", script], option);
  const sidecar = (name: string, command: string[], option: Option = {}) =>
    container(name, command, { ...option, restartPolicy: "Always" });
  const fails = (script: string, more: object = {}) => ({ exec: { command: ["sh", "-c", script] }, ...more });
  const volume = (volume: object): Pod => ({
    ...main({ volumeMounts: [{ name: "volume", mountPath: "/volume" }] }),
    volumes: [{ name: "volume", ...volume }],
  });
  const pods: Record<string, Pod> = {
    "available": after(sidecar("side", SLEEP), step("step", "true")),
    "init-runs": after(
      sidecar("side", SLEEP),
      step("sandbox-image", "while true; do echo no sandbox image yet >&2; sleep 10; done"),
    ),
    "side-starts": after(
      sidecar("docker", SLEEP, { startupProbe: fails("exit 1", { periodSeconds: 2, failureThreshold: 1000 }) }),
    ),
    "init-fails": after(step("prepare-state", "echo cannot write to /home/node; exit 3")),
    "side-crashes": after(
      sidecar("docker", ["sh", "-c", "echo no cgroups; exit 1"], { startupProbe: fails("true") }),
    ),
    "probe-fails": main({
      startupProbe: fails("echo not listening; exit 1", { periodSeconds: 2, failureThreshold: 1000 }),
    }),
    "not-ready": main({ readinessProbe: fails("echo no model; exit 1", { periodSeconds: 3 }) }),
    "crashes": shell("echo LiteLLM starts; echo custom_auth: LITELLM_PROXY_KEY is missing >&2; sleep 1; exit 1"),
    "oom": shell("x=a; while true; do x=$x$x; done", { resources: { limits: { memory: "16Mi" } } }),
    "killed-by-liveness": main({ livenessProbe: fails("exit 1", { periodSeconds: 1, failureThreshold: 1 }) }),
    "no-image": main({ image: NO_REGISTRY }),
    "no-image-init": after(step("step", "true", { image: NO_REGISTRY })),
    "bad-image": main({ image: "UPPER CASE" }),
    "never-pull": main({ image: "local.invalid/none:1", imagePullPolicy: "Never" }),
    "no-secret": main({
      env: [{ name: "A", valueFrom: { secretKeyRef: { name: "litellm-credentials", key: "A" } } }],
    }),
    // In pods_after_*.jsonl the image's own user is root.
    "root-user": main({ securityContext: { runAsNonRoot: true, runAsUser: 0 } }),
    "no-program": main({}, ["/no/such/program"]),
    "too-big": main({ resources: { requests: { memory: "900Gi" } } }),
    "no-node": { ...main(), nodeSelector: { "kubernetes.io/arch": "s390x" } },
    "no-class": volume({ persistentVolumeClaim: { claimName: "no-class" } }),
    "no-volume": volume({ configMap: { name: "not-there" } }),
  };
  const [fx, strict] = NAMESPACES;
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: fx } },
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: strict, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "no-class", namespace: fx },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "not-there",
        resources: { requests: { storage: "1Gi" } },
      },
    },
    ...Object.entries(pods).map(([name, pod]) => deployment(fx, name, pod)),
    deployment(strict, "forbidden", main()),
  ];
}

function deployment(namespace: string, name: string, pod: Pod): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 1, automountServiceAccountToken: false, ...pod },
      },
    },
  };
}
