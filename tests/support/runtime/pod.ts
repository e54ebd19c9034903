/**
 * A generated Deployment's pod, run outside of any cluster: its containers by runc as the manifest has them, with its volumes,
 * users, rights, limits and probes. What a cluster does around a pod is not here: no scheduling, no NetworkPolicy, no restarts
 * of what ends, Services only as names.
 *
 * @module
 */

import { join } from "node:path";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { type Json, objectOf } from "../support.ts";
import { ociConfig } from "./bundle.ts";
import { type ExecOptions, type Running, startContainer } from "./container.ts";
import { envOf, serviceNames, withSecrets } from "./environment.ts";
import { type Image, imageFor } from "./images.ts";
import { type Memory, memoryOf } from "./memory.ts";
import { type Network, network } from "./network.ts";
import { probe, tail, untilProbed } from "./probes.ts";
import { scratch } from "./scratch.ts";
import { makeVolumes, type Mount, volumeMounts } from "./volumes.ts";

/** Which pod, and what a test changes of it. */
export interface PodOptions {
  /** What kustomize built: see `overlay()`. */
  readonly objects: readonly Json[];
  /** Name of the Deployment. */
  readonly deployment: string;
  /** Shared with other pods; by default the pod is alone. */
  readonly network?: Network;
  /** Folders for the pod's claims, by name, which survive it; by default they end with the pod. */
  readonly claims?: Readonly<Record<string, string>>;
  /** Values of a Secret's keys in place of the overlay's, by the Secret's name. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Variables beside the generated ones, by container: to point at a stub. */
  readonly env?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Files in place of the image's own, by container and path, as text. */
  readonly files?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Called before a container starts, by its name; the pod's earlier sidecars run by then. */
  readonly before?: Readonly<Record<string, (pod: Pod) => Promise<void>>>;
  /** Images that a test has made itself, in place of stand-ins, by reference. */
  readonly images?: Readonly<Record<string, Image>>;
  /** Containers that are left out, by name. */
  readonly without?: readonly string[];
  /** The resolver that its containers are given; by default the test process, where none answers. */
  readonly nameserver?: string;
  /** Whether to wait for readiness; by default yes. A start that should fail says no and looks at `exited`. */
  readonly wait?: boolean;
}

/** A pod that was started. */
export interface Pod extends AsyncDisposable {
  /** The cgroup's and the network namespace's. */
  readonly name: string;
  /** Reached from the test process and the network's other pods. */
  readonly address: string;
  readonly network: Network;
  readonly spec: IPodSpec;
  container(name: string): Running;
  /** Runs a command in a container, as `kubectl exec` does. */
  exec(container: string, argv: readonly string[], options?: ExecOptions): ReturnType<Running["exec"]>;
  /** Both outputs of a container. */
  logs(container: string): Promise<string>;
  /** A request from outside of the pod. */
  fetch(port: number, path: string, init?: RequestInit): Promise<Response>;
  /** Runs one of a container's probes once. */
  probe(container: string, kind: "startupProbe" | "readinessProbe" | "livenessProbe"): Promise<boolean>;
  /** What the container's cgroup says, in bytes. */
  memory(container: string): Promise<Memory>;
  /** Starts a container again that has ended, as a kubelet would. */
  restart(container: string): Promise<void>;
  /** Stops every container in a kubelet's order, within the pod's time of grace; gives their exit statuses. */
  stop(): Promise<Record<string, number>>;
}

/** Starts a pod and waits until every container is ready. */
export async function startPod(options: PodOptions): Promise<Pod> {
  const stack = new AsyncDisposableStack();
  try {
    const net = options.network ?? stack.use(await network());
    const own = stack.use(await scratch());
    const pod = await prepare(options, net, own.name, own.path, stack);
    await pod.run();
    return pod;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function prepare(options: PodOptions, net: Network, name: string, folder: string, stack: AsyncDisposableStack) {
  const objects = withSecrets(options.objects, options.secrets ?? {});
  const { metadata, spec: { template } } = objectOf(objects, "Deployment", options.deployment);
  const spec = template.spec as IPodSpec;
  const address = await net.addPod(name);
  stack.defer(() => net.forget(address));
  const system = await systemFiles(folder, net, address, {
    hostname: options.deployment,
    namespace: metadata.namespace,
    nameserver: options.nameserver ?? net.host,
  });
  await net.addNames(address, serviceNames(objects, metadata.namespace, template.metadata.labels));
  const volumes = await makeVolumes({ objects, spec, folder, claims: options.claims ?? {} });

  const containers = new Map<string, Running>();
  const stopSignals = new Map<string, string | undefined>();
  let starts = 0;
  const definition = (wanted: string): IContainer => {
    const found = [...spec.initContainers ?? [], ...spec.containers].find(({ name }) => name === wanted);
    if (found === undefined) throw new Error(`there is no container ${wanted}`);
    return found;
  };
  const container = (wanted: string): Running => {
    const found = containers.get(wanted);
    if (found === undefined) throw new Error(`${wanted} was not started`);
    return found;
  };
  const start = async (wanted: IContainer): Promise<Running> => {
    known(wanted);
    await options.before?.[wanted.name]?.(pod);
    const reference = wanted.image ?? "";
    const image = options.images?.[reference] ?? await imageFor(reference);
    const env = { ...envOf(wanted, objects), ...options.env?.[wanted.name] };
    const mounts = [
      ...system,
      ...await volumeMounts(wanted, volumes),
      ...await filesOf(folder, wanted.name, options.files?.[wanted.name] ?? {}),
    ];
    const hostname = options.deployment;
    const config = await ociConfig({ spec, container: wanted, image, env, mounts, pod: name, hostname });
    const running = await startContainer({ folder, id: `${wanted.name}-${starts++}` }, image.rootfs, config);
    containers.set(wanted.name, running);
    stopSignals.set(wanted.name, image.config.stopSignal);
    const hook = wanted.lifecycle?.postStart?.exec?.command;
    if (hook !== undefined) {
      const { code, stdout, stderr } = await running.exec(hook);
      if (code !== 0) throw new Error(`${wanted.name}: postStart ended with ${code}\n${stdout}${stderr}`);
    }
    return running;
  };
  const untilStarted = async (wanted: IContainer, running: Running) => {
    if (wanted.startupProbe === undefined) return;
    const { periodSeconds = 10, failureThreshold = 3 } = wanted.startupProbe;
    const tries = Math.min(failureThreshold, LONGEST_STEP / 1000 / periodSeconds);
    const check = { ...wanted.startupProbe, failureThreshold: tries };
    await untilProbed(`${wanted.name}'s startupProbe`, check, address, running);
  };
  const left = ({ name }: IContainer) => !options.without?.includes(name);

  const pod: Pod & { run(): Promise<void> } = {
    name,
    address,
    network: net,
    spec,
    container,
    exec: (name, argv, how) => container(name).exec(argv, how),
    logs: (name) => container(name).logs(),
    fetch: (port, path, init) => fetch(`http://${address}:${port}${path}`, init),
    probe: async (wanted, kind) => {
      const check = definition(wanted)[kind];
      if (check === undefined) throw new Error(`${wanted} has no ${kind}`);
      return await probe(check, address, container(wanted));
    },
    memory: (wanted) => memoryOf(name, wanted),
    restart: async (wanted) => {
      await container(wanted).exited;
      await untilStarted(definition(wanted), await start(definition(wanted)));
    },
    stop: async () => {
      const graceMs = (spec.terminationGracePeriodSeconds ?? 30) * 1000;
      const codes: Record<string, number> = {};
      const stop = async ({ name }: IContainer) => {
        const running = containers.get(name);
        if (running !== undefined) codes[name] = await running.stop(graceMs, stopSignals.get(name));
      };
      await Promise.all(spec.containers.map(stop));
      for (const sidecar of (spec.initContainers ?? []).toReversed()) await stop(sidecar);
      return codes;
    },
    run: async () => {
      for (const step of (spec.initContainers ?? []).filter(left)) {
        const running = await start(step);
        if (step.restartPolicy === "Always") await untilStarted(step, running);
        else if (await endOf(step, running) !== 0) {
          throw new Error(`${step.name} ended with ${running.exitCode()}\n${await tail(running)}`);
        }
      }
      const mains = await Promise.all(
        spec.containers.filter(left).map(async (one) => [one, await start(one)] as const),
      );
      if (options.wait === false) return;
      await Promise.all(mains.map(async ([one, running]) => {
        await untilStarted(one, running);
        if (one.readinessProbe === undefined) return;
        await untilProbed(`${one.name}'s readinessProbe`, one.readinessProbe, address, running);
      }));
    },
    [Symbol.asyncDispose]: async () => {
      // The guard kills what runs: a test that wants a stop in good order calls stop().
      await stack.disposeAsync();
      await Promise.all([...containers.values()].map(({ exited }) => exited));
    },
  };
  return pod;
}

/** The longest that a step or a start takes here, in milliseconds: a build of an image with all its packages. */
const LONGEST_STEP = 600_000;

/** Its exit status. A step that tries again for ever, because what it needs never comes, must not hold the tests up for ever. */
async function endOf({ name }: IContainer, running: Running): Promise<number> {
  const end = Promise.withResolvers<never>();
  const timer = setTimeout(async () => {
    end.reject(new Error(`${name} has not ended after ${LONGEST_STEP / 1000} s\n${await tail(running)}`));
  }, LONGEST_STEP);
  try {
    return await Promise.race([running.exited, end.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Fields of a container that are done here; some only matter in a cluster. */
const KNOWN = new Set([
  ...["args", "command", "env", "image", "lifecycle", "name", "resources", "restartPolicy", "securityContext"],
  ...["startupProbe", "readinessProbe", "livenessProbe", "volumeMounts", "workingDir"],
  ...["imagePullPolicy", "ports", "terminationMessagePolicy"],
]);

function known(container: IContainer): void {
  const unknown = Object.keys(container).filter((field) => !KNOWN.has(field));
  if (unknown.length > 0) throw new Error(`${container.name}: ${unknown} is not done here`);
}

/** Files of a test, each mounted over one of the image. */
async function filesOf(folder: string, container: string, files: Readonly<Record<string, string>>): Promise<Mount[]> {
  return await Promise.all(
    Object.entries(files).map(async ([destination, text], index) => {
      const source = join(folder, `file-${container}-${index}`);
      await Deno.writeTextFile(source, text, { mode: 0o644 });
      return { destination, source, type: "bind", options: ["bind", "rprivate", "ro"] };
    }),
  );
}

/** What a kubelet mounts into every container. */
async function systemFiles(
  folder: string,
  net: Network,
  address: string,
  { hostname, namespace, nameserver }: { hostname: string; namespace: string; nameserver: string },
) {
  const system = join(folder, "system");
  await Deno.mkdir(system);
  await net.addHostsFile(join(system, "hosts"), `${address} ${hostname}`);
  const search = `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local`;
  await Deno.writeTextFile(join(system, "resolv.conf"), `${search}\nnameserver ${nameserver}\noptions ndots:5\n`);
  await Deno.writeTextFile(join(system, "hostname"), `${hostname}\n`);
  return ["hosts", "resolv.conf", "hostname"].map((file): Mount => ({
    destination: `/etc/${file}`,
    source: join(system, file),
    type: "bind",
    options: ["bind", "rprivate", "ro"],
  }));
}
