/**
 * What the running processes see: the names in their environment, and whether a token lies where one would be mounted.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import type { Model } from "../../model/model.ts";
import { counted, type Finding, measure, passUnless, type Result, skip } from "./check.ts";
import { inPod, secretVariables, type Subject } from "./deployments.ts";
import { type Container, runningContainersOf } from "./expected.ts";
import { askInside, programOf } from "./inside.ts";
import type { LivePod } from "./live.ts";

/** One result for each container that stays. */
export async function checkProcesses(kubectl: Kubectl, model: Model, subjects: readonly Subject[]): Promise<Result[]> {
  return await Promise.all(
    subjects.flatMap((subject) =>
      runningContainersOf(subject.deployment).map((container) =>
        measure("process", container.name, () => inPod(subject, (pod) => ask(kubectl, model, pod, container)))
      )
    ),
  );
}

async function ask(kubectl: Kubectl, model: Model, pod: LivePod, container: Container): Promise<Finding> {
  const { namespace } = pod;
  const where = { namespace, pod: pod.name, container: container.name };
  const program = programOf(model.config, container.image ?? "");
  const seen = program !== undefined
    ? await askInside(kubectl, where, program)
    : [model.config.images.docker, model.config.images.keyProxy].includes(container.image ?? "")
    ? await askShell(kubectl, where)
    : undefined;
  if (seen === undefined) return skip("its image has no program to ask with");
  const secrets = new Set(secretVariables(model));
  const should = (container.env ?? []).map(({ name }) => name).filter((name) => secrets.has(name));
  const is = seen.variables.filter((name) => secrets.has(name));
  return passUnless(
    [
      ...should.filter((name) => !is.includes(name)).map((name) => `it lacks ${name}`),
      ...is.filter((name) => !should.includes(name)).map((name) => `it sees ${name}, which is not its own`),
      ...(seen.token ? ["a service account token lies in its file system"] : []),
    ],
    is.length === 0
      ? "sees no secret and no token"
      : `sees ${counted(is.length, "variable")} with its own secrets, and no token`,
  );
}

/** The same with a shell and its tools; a value of several lines must not show as names. */
const SHELL =
  "tr '\\n\\0' ' \\n' </proc/1/environ | cut -d= -f1; test ! -e /var/run/secrets/kubernetes.io/serviceaccount || echo TOKEN";

async function askShell({ run }: Kubectl, { namespace, pod, container }: {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}) {
  const args = ["exec", `--namespace=${namespace}`, pod, `--container=${container}`, "--"];
  const lines = (await run([...args, "sh", "-c", SHELL])).split("\n");
  return { variables: lines, token: lines.includes("TOKEN") };
}
