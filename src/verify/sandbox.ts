/**
 * The sandbox: as uid 1000, and with the docker backend apart from the pod whose network it goes through.
 *
 * @module
 */

import type { Kubectl } from "../kubectl/kubectl.ts";
import { type Model, workloadOf } from "../model/model.ts";
import { serviceHost } from "../model/workloads.ts";
import { openclawConfig } from "../openclaw/config.ts";
import { fail, type Finding, measure, type Result, unless } from "./check.ts";
import { inPod, type Subject } from "./deployments.ts";
import { type Destination, openedBy } from "./destinations.ts";
import { askInside, type Inside, type Target } from "./inside.ts";
import { tell } from "./cells.ts";
import type { LivePod } from "./live.ts";

/** What openclaw.json says of the docker backend, as far as it becomes options of `docker run`. */
interface DockerSandbox {
  readonly image: string;
  readonly network: string;
  readonly user: string;
  readonly memory: string;
  readonly pidsLimit: number;
}

/** One result for the user, one for each port that must be shut or open. */
export async function checkSandbox(
  kubectl: Kubectl,
  model: Model,
  subjects: readonly Subject[],
  destinations: readonly Destination[],
): Promise<Result[]> {
  const gateway = subjects.find(({ name }) => name === "openclaw");
  if (gateway === undefined) return [];
  return model.config.sandbox.backend === "docker"
    ? await docker(kubectl, model, gateway, destinations)
    : [await ssh(kubectl, model, gateway)];
}

/** A container as OpenClaw would start it, gone when it has answered. */
async function docker(
  kubectl: Kubectl,
  model: Model,
  gateway: Subject,
  destinations: readonly Destination[],
): Promise<Result[]> {
  // The pod's own ports, by every address that the sandbox could try.
  const ports = destinations.filter(({ place }) => place.kind === "workload" && place.workload === "openclaw");
  const shut = ports.flatMap(({ port, address }) =>
    ["127.0.0.1", address, DOCKER_BRIDGE].map((host): Omit<Target, "id"> => ({ protocol: "TCP", host, port }))
  );
  // It shares the pod's flows. These must be open, or a sandbox without any network would pass.
  const open = destinations
    .filter((to) =>
      to.protocol === "TCP" && to.place.kind !== "dns" && openedBy(model.flows, "openclaw", to) !== undefined
    )
    .map(({ address, port }): Omit<Target, "id"> => ({ protocol: "TCP", host: address, port }));
  const targets = [...shut, ...open].map((target, id): Target => ({ ...target, id }));
  let told: Promise<Inside> | undefined;
  const inside = (pod: LivePod) =>
    told ??= askInside(kubectl, gatewayOf(pod), "python", targets, ["docker", "run", ...sandboxRun(model)]);
  const check = (subject: string, look: (told: Inside) => Finding) =>
    measure("sandbox", subject, () => inPod(gateway, async (pod) => look(await inside(pod))));
  const tries = ({ dials }: Inside, id: number) => dials.find((dial) => dial.id === id)?.tries ?? [];
  return await Promise.all([
    check(
      "user",
      ({ uid }) => unless(uid === 1000 ? [] : [`it runs as uid ${uid}`], "a container starts, as uid 1000"),
    ),
    ...targets.map(({ id, host, port }) =>
      check(`-> ${host}:${port}`, (told) => {
        const isOpen = tries(told, id).includes("open");
        if (id >= shut.length) {
          return unless(isOpen ? [] : ["shut, but the sandbox shares the gateway's flows"], "open");
        }
        return unless(isOpen ? ["open: the agent's commands reach it"] : [], `shut (${tell(tries(told, id))})`);
      })
    ),
  ]);
}

/** The address that docker0 has when nobody says otherwise: the pod, as its sandboxes see it. */
const DOCKER_BRIDGE = "172.17.0.1";

/** The banner shows that it is the sandbox's sshd that listens, and not just something. */
async function ssh(kubectl: Kubectl, model: Model, gateway: Subject): Promise<Result> {
  const sandbox = workloadOf(model, "sandbox");
  const host = serviceHost(sandbox);
  const script = `const s = require("net").connect(${sandbox.port}, ${JSON.stringify(host)});` +
    `s.setTimeout(5000, () => process.exit(1)); s.on("error", (e) => { console.log(e.code); process.exit(0); });` +
    `s.on("data", (d) => { console.log(String(d).trim()); process.exit(0); });`;
  return await measure("sandbox", `${host}:${sandbox.port}`, () =>
    inPod(gateway, async (pod) => {
      const { namespace, container } = gatewayOf(pod);
      const args = ["exec", `--namespace=${namespace}`, pod.name, `--container=${container}`, "--"];
      const said = (await kubectl.run([...args, "node", "-e", script])).trim();
      return said.startsWith("SSH-2.0-") ? unless([], said) : fail(`no sshd: ${said}`);
    }));
}

function gatewayOf({ namespace, name }: LivePod) {
  return { namespace, pod: name, container: "openclaw" };
}

/** The options and the image of a `docker run` that starts what OpenClaw would. */
export function sandboxRun(model: Model): string[] {
  const { image, network, user, memory, pidsLimit } = sandboxOf(model);
  const options = ["--rm", "--pull=never", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"];
  const limits = [`--network=${network}`, `--user=${user}`, `--memory=${memory}`, `--pids-limit=${pidsLimit}`];
  return [...options, ...limits, image];
}

function sandboxOf(model: Model): DockerSandbox {
  const config = JSON.parse(openclawConfig(model)) as { agents: { defaults: { sandbox: { docker: DockerSandbox } } } };
  return config.agents.defaults.sandbox.docker;
}
