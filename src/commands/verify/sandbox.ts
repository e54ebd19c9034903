/**
 * Checks the sandbox: it runs as its own user, and the docker backend reaches only DNS and the internet, although its traffic
 * leaves through the gateway's pod.
 *
 * @module
 */

import type { Kubectl } from "../../cluster/kubectl.ts";
import { type Model, workloadOf } from "../../model/model.ts";
import { SANDBOX_UID } from "../../tables/workloads.ts";
import { serviceHost } from "../../model/workloads.ts";
import { openclawConfig } from "../../generate/openclaw/config.ts";
import { describe, type Destination, findingOf, openedBy, type TriedCell } from "./cells.ts";
import type { Connectivity } from "./connectivity.ts";
import { inPod, type PodId, type Subject } from "./expected.ts";
import { type DialTarget, type ProbeReport, runProbe } from "./inside.ts";
import { fail, type Finding, measure, pass, passUnless, type Result } from "./results.ts";

/** The settings of openclaw.json that become options of `docker run`. */
interface DockerSandbox {
  readonly image: string;
  readonly network: string;
  readonly user: string;
  readonly memory: string;
  readonly pidsLimit: number;
}

/**
 * Returns one result for the user, and one for each port that must be open or closed.
 *
 * @param connectivity the outcomes of the workloads at the same ports, which show whether something listens there
 */
export async function checkSandbox(
  kubectl: Kubectl,
  model: Model,
  subjects: readonly Subject[],
  destinations: readonly Destination[],
  connectivity: Promise<Connectivity>,
): Promise<Result[]> {
  const gateway = subjects.find(({ name }) => name === "openclaw");
  if (gateway === undefined) return [];
  return model.config.sandbox.backend === "docker"
    ? await docker(kubectl, model, gateway, destinations, connectivity)
    : [await ssh(kubectl, model, gateway)];
}

/** One port that a sandbox dials, and how its outcome is assessed. */
interface Dial {
  /** Its name in the table. */
  readonly name: string;
  readonly target: Omit<DialTarget, "id">;
  readonly assess: (tries: readonly string[], others: readonly TriedCell[]) => Finding;
}

/** Starts a container as OpenClaw would, which is removed after its answer. */
async function docker(
  kubectl: Kubectl,
  model: Model,
  gateway: Subject,
  destinations: readonly Destination[],
  connectivity: Promise<Connectivity>,
): Promise<Result[]> {
  const dials = destinations.flatMap((to) => dialsOf(model, to));
  const targets = dials.map(({ target }, id): DialTarget => ({ ...target, id }));
  let report: Promise<ProbeReport> | undefined;
  const inside = (pod: PodId) =>
    report ??= runProbe(kubectl, gatewayOf(pod), "python", targets, ["docker", "run", ...sandboxRun(model)]);
  const check = (subject: string, assess: (report: ProbeReport) => Finding | Promise<Finding>) =>
    measure("sandbox", subject, () => inPod(gateway, async (pod) => assess(await inside(pod))));
  return await Promise.all([
    check(
      "user",
      ({ uid }) =>
        passUnless(uid === SANDBOX_UID ? [] : [`it runs as uid ${uid}`], `a container starts, as uid ${SANDBOX_UID}`),
    ),
    ...dials.map(({ name, assess }, id) =>
      check(`-> ${name}`, async ({ dials }) => {
        const tries = dials.find((dial) => dial.id === id)?.tries ?? [];
        return tries.length === 0 ? fail("the sandbox did not try it") : assess(tries, (await connectivity).tried);
      })
    ),
  ]);
}

/**
 * Returns how a sandbox dials one destination. The firewall in the gateway's pod blocks every private address, even those that
 * the gateway's flows open. DNS and the internet must be open; otherwise a sandbox without a network would pass.
 */
function dialsOf(model: Model, to: Destination): Dial[] {
  const { name, protocol, address, port, payload, place } = to;
  const target = { protocol, host: address, port, ...(payload === undefined ? {} : { payload }) };
  const flow = openedBy(model.flows, "openclaw", to);
  if (place.kind === "dns" || place.kind === "internet") {
    // The same policy applies to the gateway and its sandboxes, and the gateway's own row covers it.
    return flow === undefined ? [] : [{ name, target, assess: mustBeOpen }];
  }
  if (place.kind === "workload" && place.workload === "openclaw") {
    // The pod's own ports, at every address that a sandbox could use.
    return ["127.0.0.1", address, DOCKER_BRIDGE].map((host) => ({
      name: `${host}:${port}`,
      target: { ...target, host },
      assess: (tries) => tries.includes("open") ? fail(REACHED) : pass(`shut (${describe(tries)})`),
    }));
  }
  const assess: Dial["assess"] = (tries, others) =>
    tries.includes("open") ? fail(REACHED) : findingOf({ from: "sandbox", to, own: false, tries }, others);
  return [{ name, target, assess }];
}

const REACHED = "open: the agent's commands can reach it";

function mustBeOpen(tries: readonly string[]): Finding {
  return tries.includes("open") ? pass("open") : fail(`${describe(tries)}, but the agent's commands need it`);
}

/** The default address of docker0, at which sandboxes reach the pod. */
const DOCKER_BRIDGE = "172.17.0.1";

/** Reads the banner, which shows that sshd listens there. */
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
      const banner = (await kubectl.run([...args, "node", "-e", script])).trim();
      return banner.startsWith("SSH-2.0-") ? passUnless([], banner) : fail(`no sshd: ${banner}`);
    }));
}

function gatewayOf({ namespace, name }: PodId) {
  return { namespace, pod: name, container: "openclaw" };
}

/** Returns the options and the image for `docker run`, as OpenClaw would start a sandbox. */
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
