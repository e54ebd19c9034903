/**
 * Runs the generated probes once more: HTTP and TCP through a forwarded port, commands in the container.
 *
 * @module
 */

import type { Forward } from "../../cluster/forward.ts";
import type { Kubectl } from "../../cluster/kubectl.ts";
import { type Container, inPod, type PodId, runningContainersOf, type Subject } from "./expected.ts";
import { fail, type Finding, measure, pass, type Result } from "./results.ts";

type Probe = NonNullable<Container["readinessProbe"]>;

/** Returns one result for each probe; equal probes of a container count once. */
export async function checkProbes(kubectl: Kubectl, subjects: readonly Subject[]): Promise<Result[]> {
  const results = await Promise.all(
    subjects.flatMap((subject) =>
      runningContainersOf(subject.deployment).flatMap((container) =>
        probesOf(container).map((probe) =>
          measure(
            "probe",
            `${container.name} ${nameOf(probe)}`,
            () => inPod(subject, (pod) => repeat(kubectl, pod, container.name, probe)),
          )
        )
      )
    ),
  );
  return results;
}

function probesOf({ startupProbe, readinessProbe, livenessProbe }: Container): Probe[] {
  const probes = [startupProbe, readinessProbe, livenessProbe].filter((probe) => probe !== undefined);
  return [...new Map(probes.map((probe) => [handler(probe), probe])).values()];
}

function handler({ httpGet, exec, tcpSocket }: Probe): string {
  return JSON.stringify({ httpGet, exec, tcpSocket });
}

/** Returns the name of a probe: its path, its port, or the path in its command. */
function nameOf({ httpGet, exec, tcpSocket }: Probe): string {
  if (httpGet !== undefined) return httpGet.path ?? "/";
  if (tcpSocket !== undefined) return `port ${tcpSocket.port}`;
  const command = exec?.command?.join(" ") ?? "";
  return command.match(/:\d+(\/\w+)/)?.[1] ?? exec?.command?.at(-1) ?? "";
}

async function repeat(
  kubectl: Kubectl,
  { namespace, name }: PodId,
  container: string,
  { httpGet, exec, tcpSocket }: Probe,
): Promise<Finding> {
  if (exec?.command !== undefined) {
    await kubectl.run(["exec", `--namespace=${namespace}`, name, `--container=${container}`, "--", ...exec.command]);
    return pass("its command succeeds");
  }
  await using forward = await kubectl.forward({
    namespace,
    target: `pod/${name}`,
    port: Number(httpGet?.port ?? tcpSocket?.port),
  });
  return httpGet === undefined ? await listens(forward) : await answers(forward, httpGet.path ?? "/");
}

/** Requires JSON, because the gateway answers unknown paths with status 200 and its web UI. */
async function answers(forward: Forward, path: string): Promise<Finding> {
  const response = await forward.get(path);
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) return fail(`status ${response.status}: ${short(body)}`);
  return body === undefined
    ? fail(`status ${response.status}, but not JSON`)
    : pass(`${response.status} ${short(body)}`);
}

/** Returns an answer, truncated. Answers of probes contain no secret. */
function short(body: unknown): string {
  const text = JSON.stringify(body) ?? "no JSON";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

async function listens(forward: Forward): Promise<Finding> {
  const banner = await forward.greeting();
  return pass(banner === "" ? "it listens" : `it says ${banner}`);
}
