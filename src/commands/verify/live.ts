/**
 * What is in the cluster, read by templates that leave values out: of an environment and of a Secret, names reach this process
 * and nothing else.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";

/** A container of a running pod. */
export interface LiveContainer {
  readonly name: string;
  readonly image: string;
  /** Whether it takes all of a Secret or a ConfigMap into its environment. */
  readonly envFrom: boolean;
  /** Its environment; those from a Secret say which. */
  readonly env: readonly { readonly name: string; readonly secret?: string; readonly key?: string }[];
  /** The port that its readiness probe asks by HTTP, as a number or a port's name. */
  readonly probed?: string;
  readonly ports: readonly { readonly name?: string; readonly port: number }[];
}

/** A pod. */
export interface LivePod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string;
  readonly ip: string;
  readonly node: string;
  readonly nodeIp: string;
  readonly ready: boolean;
  readonly deleting: boolean;
  /** Whether any volume holds a service account token. */
  readonly token: boolean;
  readonly containers: readonly LiveContainer[];
}

/** A Deployment's progress. */
export interface LiveDeployment {
  readonly generation: number;
  readonly observed: number;
  readonly wanted: number;
  readonly updated: number;
  readonly available: number;
  readonly total: number;
  /** Whether its controller calls it available. */
  readonly isAvailable: boolean;
  /** What its controller complains of. */
  readonly why: string;
}

/** Label of the pods that this program makes itself. */
export const PROBE_LABEL = "openclaw-pack/verify";

const text = (path: string) => `{{with ${path}}}{{printf "%q" .}}{{else}}""{{end}}`;
/** A list with a comma between its entries. */
const list = (path: string, entry: string) => `[{{range $i, $_ := ${path}}}{{if $i}},{{end}}${entry}{{end}}]`;
/** The status of a condition, as a word. */
const condition = (type: string, field: string) =>
  `{{range .status.conditions}}{{if eq .type "${type}"}}{{.${field}}}{{end}}{{end}}`;

const CONTAINERS = (path: string) =>
  `{{range ${path}}}{"name":${text(".name")},"image":${
    text(".image")
  },"envFrom":{{if .envFrom}}true{{else}}false{{end}},` +
  `{{with .readinessProbe}}{{with .httpGet}}"probed":"{{.port}}",{{end}}{{end}}` +
  `"ports":${list(".ports", `{{with $_}}{"port":{{.containerPort}},"name":${text(".name")}}{{end}}`)},` +
  `"env":${
    list(
      ".env",
      `{{with $_}}{"name":${text(".name")}{{with .valueFrom}}{{with .secretKeyRef}},"secret":${text(".name")},` +
        `"key":${text(".key")}{{end}}{{end}}}{{end}}`,
    )
  }},{{end}}`;

const POD = `{"name":${text(".metadata.name")},"namespace":${text(".metadata.namespace")},` +
  `"labels":{ {{range $k, $v := .metadata.labels}}{{printf "%q" $k}}:{{printf "%q" $v}},{{end}}"":""},` +
  `"phase":${text(".status.phase")},"ip":${text(".status.podIP")},"node":${text(".spec.nodeName")},` +
  `"nodeIp":${text(".status.hostIP")},"ready":"${condition("Ready", "status")}",` +
  `"deleting":{{if .metadata.deletionTimestamp}}true{{else}}false{{end}},` +
  `"token":"{{range .spec.volumes}}{{with .projected}}{{range .sources}}{{if .serviceAccountToken}}yes{{end}}{{end}}{{end}}{{end}}",` +
  `"containers":[${CONTAINERS(".spec.initContainers")}${CONTAINERS(".spec.containers")}null]}`;

const PODS = list(".items", `{{with $_}}${POD}{{end}}`);

const number = (path: string) => `{{with ${path}}}{{.}}{{else}}0{{end}}`;
const DEPLOYMENT =
  `{"generation":${number(".metadata.generation")},"observed":${number(".status.observedGeneration")},` +
  `"wanted":${number(".spec.replicas")},"updated":${number(".status.updatedReplicas")},` +
  `"available":${number(".status.availableReplicas")},"total":${number(".status.replicas")},` +
  `"isAvailable":"${condition("Available", "status")}",` +
  `"why":[{{range .status.conditions}}{{if ne .status "True"}}{{printf "%q" .message}},{{end}}{{end}}null]}`;

/** The pods of a namespace with all of these labels, without those that this program made. @throws {KubectlFailed} */
export async function pods(
  { run }: Kubectl,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<LivePod[]> {
  const selector = [...Object.entries(labels).map(([key, value]) => `${key}=${value}`), `!${PROBE_LABEL}`].join();
  const answer = await run(["get", "pods", `--namespace=${namespace}`, `--selector=${selector}`, template(PODS)]);
  const raw = JSON.parse(answer) as (Omit<LivePod, "ready" | "token" | "containers"> & {
    ready: string;
    token: string;
    containers: (LiveContainer | null)[];
  })[];
  return raw.map((pod) => ({
    ...pod,
    ready: pod.ready === "True",
    token: pod.token !== "",
    containers: pod.containers.filter((container) => container !== null),
  }));
}

/** The pods that are there to stay: those of a rollout that are on their way out are left aside. @throws {KubectlFailed} */
export async function runningPods(...query: Parameters<typeof pods>): Promise<LivePod[]> {
  return (await pods(...query)).filter(({ phase, deleting }) => phase === "Running" && !deleting);
}

/** A Deployment's progress. @throws {KubectlFailed} */
export async function liveDeployment({ run }: Kubectl, namespace: string, name: string): Promise<LiveDeployment> {
  const answer = await run(["get", "deployment", name, `--namespace=${namespace}`, template(DEPLOYMENT)]);
  const raw = JSON.parse(answer) as Omit<LiveDeployment, "isAvailable" | "why"> & {
    isAvailable: string;
    why: (string | null)[];
  };
  return { ...raw, isAvailable: raw.isAvailable === "True", why: raw.why.filter((line) => line !== null).join(" ") };
}

/** An argument of `kubectl get` that prints a Go template. */
export function template(text: string): string {
  return `--output=go-template=${text}`;
}
