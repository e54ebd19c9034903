/**
 * Runs a generated Deployment's pod without a cluster: its containers with runc according to the manifest, with its volumes,
 * users, capabilities, limits and probes. There is no scheduling, no NetworkPolicy and no automatic restart, and Services are
 * only names.
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

/** The pod to start, and a test's changes to it. */
export interface PodOptions {
  /** The objects that kustomize built: see `overlay()`. */
  readonly objects: readonly Json[];
  /** Name of the Deployment. */
  readonly deployment: string;
  /** A network shared with other pods; by default the pod is alone. */
  readonly network?: Network;
  /** Folders for the pod's claims, by name, which survive the pod; by default they are deleted with it. */
  readonly claims?: Readonly<Record<string, string>>;
  /** Values of a Secret's keys that replace the overlay's, by the Secret's name. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Additional variables by container, such as the address of a stub. */
  readonly env?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Files that replace those of the image, by container and path, as text. */
  readonly files?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Called with a container's name before it starts; earlier sidecars of the pod are running. */
  readonly before?: Readonly<Record<string, (pod: Pod) => Promise<void>>>;
  /** Images that a test built itself, which replace fakes, by reference. */
  readonly images?: Readonly<Record<string, Image>>;
  /** Containers to omit, by name. */
  readonly without?: readonly string[];
  /** The resolver of its containers; by default the test process, which does not answer. */
  readonly nameserver?: string;
  /** Whether to wait for readiness. Default true. For a start that should fail, set it to false and check `exited`. */
  readonly wait?: boolean;
}

/** A started pod. */
export interface Pod extends AsyncDisposable {
  /** The name of the cgroup and of the network namespace. */
  readonly name: string;
  /** Its address, reachable from the test process and the network's other pods. */
  readonly address: string;
  readonly network: Network;
  readonly spec: IPodSpec;
  container(name: string): Running;
  /** Runs a command in a container, as `kubectl exec` does. */
  exec(container: string, argv: readonly string[], options?: ExecOptions): ReturnType<Running["exec"]>;
  /** Returns both outputs of a container. */
  logs(container: string): Promise<string>;
  /** Sends a request from outside the pod. */
  fetch(port: number, path: string, init?: RequestInit): Promise<Response>;
  /** Runs one of a container's probes once. */
  probe(container: string, kind: "startupProbe" | "readinessProbe" | "livenessProbe"): Promise<boolean>;
  /** Returns the memory in the container's cgroup, in bytes. */
  memory(container: string): Promise<Memory>;
  /** Restarts a container that has exited, as a kubelet would. */
  restart(container: string): Promise<void>;
  /** Stops every container in a kubelet's order, within the pod's grace period. Returns their exit statuses. */
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
  // By default it is the pod's name, which no other pod has.
  const hostname = spec.hostname ?? name;
  const system = await systemFiles(folder, net, address, {
    hostname,
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
    if (found === undefined) throw new Error(`no container ${wanted}`);
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
    const tries = Math.min(failureThreshold, MAX_STEP_TIME / 1000 / periodSeconds);
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
      // The guard kills the containers; a test that needs a clean stop calls stop().
      await stack.disposeAsync();
      await Promise.all([...containers.values()].map(({ exited }) => exited));
    },
  };
  return pod;
}

/** The maximum time of an init container or a start, in milliseconds: building an image with all its packages. */
const MAX_STEP_TIME = 600_000;

/**
 * Returns the exit status of an init container. Throws after {@linkcode MAX_STEP_TIME}, because a container that retries
 * forever must not block the tests.
 */
async function endOf({ name }: IContainer, running: Running): Promise<number> {
  const end = Promise.withResolvers<never>();
  const timer = setTimeout(async () => {
    end.reject(new Error(`${name} has not ended after ${MAX_STEP_TIME / 1000} s\n${await tail(running)}`));
  }, MAX_STEP_TIME);
  try {
    return await Promise.race([running.exited, end.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The supported fields of a container; some only matter in a cluster. */
const KNOWN = new Set([
  ...["args", "command", "env", "image", "lifecycle", "name", "resources", "restartPolicy", "securityContext"],
  ...["startupProbe", "readinessProbe", "livenessProbe", "volumeMounts", "workingDir"],
  ...["imagePullPolicy", "ports", "terminationMessagePolicy"],
]);

function known(container: IContainer): void {
  const unknown = Object.keys(container).filter((field) => !KNOWN.has(field));
  if (unknown.length > 0) throw new Error(`${container.name}: ${unknown} is not supported here`);
}

/** Returns mounts of a test's files, each over a file of the image. */
async function filesOf(folder: string, container: string, files: Readonly<Record<string, string>>): Promise<Mount[]> {
  return await Promise.all(
    Object.entries(files).map(async ([destination, text], index) => {
      const source = join(folder, `file-${container}-${index}`);
      await Deno.writeTextFile(source, text, { mode: 0o644 });
      return { destination, source, type: "bind", options: ["bind", "rprivate", "ro"] };
    }),
  );
}

/** Returns the mounts that a kubelet adds to every container. */
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
