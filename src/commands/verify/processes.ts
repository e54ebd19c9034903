/**
 * Checks what the running processes see: the names of their environment variables, a service account token, and the programs
 * that are installed for the assistant (requirement B14).
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { TOOLS_STEP } from "../../generate/kubernetes/gateway/names.ts";
import type { Model } from "../../model/model.ts";
import { secretVariables } from "./deployments.ts";
import { type Container, containersOf, inPod, type PodId, runningContainersOf, type Subject } from "./expected.ts";
import { programOf, runProbe } from "./inside.ts";
import { counted, fail, type Finding, measure, pass, passUnless, type Result, skip } from "./results.ts";

/** Returns one result for each container that keeps running. */
export async function checkProcesses(kubectl: Kubectl, model: Model, subjects: readonly Subject[]): Promise<Result[]> {
  return await Promise.all(
    subjects.flatMap((subject) =>
      runningContainersOf(subject.deployment).map((container) =>
        measure("process", container.name, () => inPod(subject, (pod) => checkProcess(kubectl, model, pod, container)))
      )
    ),
  );
}

async function checkProcess(kubectl: Kubectl, model: Model, pod: PodId, container: Container): Promise<Finding> {
  const { namespace } = pod;
  const where = { namespace, pod: pod.name, container: container.name };
  const program = programOf(model.config, container.image ?? "");
  const seen = program !== undefined
    ? await runProbe(kubectl, where, program)
    : [model.config.images.docker, model.config.images.keyProxy].includes(container.image ?? "")
    ? await inspectWithShell(kubectl, where)
    : undefined;
  if (seen === undefined) return skip("its image has no program that can run the probe");
  const secrets = new Set(secretVariables(model));
  const should = (container.env ?? []).map(({ name }) => name).filter((name) => secrets.has(name));
  const is = seen.variables.filter((name) => secrets.has(name));
  return passUnless(
    [
      ...should.filter((name) => !is.includes(name)).map((name) => `it lacks ${name}`),
      ...is.filter((name) => !should.includes(name)).map((name) => `it sees ${name}, which it should not see`),
      ...(seen.token ? ["a service account token is in its file system"] : []),
    ],
    is.length === 0
      ? "sees no secret and no token"
      : `sees ${counted(is.length, "variable")} with its own secrets, and no token`,
  );
}

/** The same with shell tools. Lines of a multi-line value must not appear as names. */
const SHELL =
  "tr '\\n\\0' ' \\n' </proc/1/environ | cut -d= -f1; test ! -e /var/run/secrets/kubernetes.io/serviceaccount || echo TOKEN";

async function inspectWithShell({ run }: Kubectl, { namespace, pod, container }: {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}) {
  const args = ["exec", `--namespace=${namespace}`, pod, `--container=${container}`, "--"];
  const lines = (await run([...args, "sh", "-c", SHELL])).split("\n");
  return { variables: lines, token: lines.includes("TOKEN") };
}

/** Returns one result for each program: in the gateway's container, it must print the version that pack.yaml pins. */
export async function checkTools(kubectl: Kubectl, model: Model, subjects: readonly Subject[]): Promise<Result[]> {
  const gateway = subjects.find(({ name }) => name === "openclaw");
  if (gateway === undefined) return [];
  const installed = containersOf(gateway.deployment).some(({ name }) => name === TOOLS_STEP);
  const { codex, gh } = model.config.tools;
  return await Promise.all(
    Object.entries({ codex, gh }).map(([tool, pin]) =>
      measure("tool", tool, () =>
        inPod(gateway, async ({ namespace, name }) => {
          if (!installed) return skip("this pack does not install it");
          const args = ["exec", `--namespace=${namespace}`, name, "--container=openclaw", "--", tool, "--version"];
          const output = (await kubectl.run(args)).split("\n")[0] ?? "";
          // `codex-cli 0.169.0`, `gh version 2.102.0 (2026-10-01)`
          const version = output.match(/\d+(\.\d+)+\S*/)?.[0];
          const pinned = pin.version.replace(/^v/, "");
          return version === pinned
            ? pass(output)
            : fail(`it prints ${output || "nothing"}, but pack.yaml pins ${pinned}`);
        }))
    ),
  );
}
