/**
 * Fake volume provisioners. On the tests' own node, each claim of a class in config/storage-classes.yaml has a folder:
 *
 * - `standard` is as in kind: world-writable, its ownership is not changed by the kubelet, and created with the first pod.
 * - `longhorn` is like a disk: it belongs to root until the kubelet changes its group to the pod's.
 * - `bounded` is like `longhorn`, and is full when the claimed size is used up. It has its own file system in a sparse file.
 *
 * A volume is deleted with its claim. On a given cluster a claim is bound to a volume that does not exist on any node, for
 * suites that run no pods.
 *
 * @module
 */

import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { onPath, runOrThrow } from "../tools.ts";
import { toBytes } from "../../../src/values/quantity.ts";
import type { Json } from "../support.ts";
import { applyObjects, type Kubectl } from "./kubectl.ts";
import type { Machine } from "./machine.ts";
import { NODE } from "./node.ts";

/** Path in the machine. Outside it is `lib/volumes` in the machine's folder. */
const VOLUMES = "/var/lib/volumes";
/** The classes of config/storage-classes.yaml. */
export const CLASSES: readonly string[] = ["standard", "longhorn", "bounded"];
/** Marks the volumes of these provisioners. */
export const PROVISIONED = "openclaw-pack.invalid/e2e";

/** The storage behind the volumes. */
interface Backing {
  /** Name of the node that can use the volumes. */
  readonly node: string;
  /** Creates the storage of a volume. Returns false if it already exists. */
  create(volume: string, storageClass: string, size: string): Promise<boolean>;
  /** Deletes the storage of a volume. Returns false if it was already deleted. */
  remove(volume: string): Promise<boolean>;
}

/** Starts the provisioner of the tests' own node. */
export async function startProvisioner(
  machine: Machine,
  kubectl: Kubectl,
  classes: readonly string[] = CLASSES,
): Promise<AsyncDisposable> {
  const folder = join(machine.folder, "lib/volumes");
  await Deno.mkdir(folder);
  const exists = (volume: string) => Deno.stat(join(folder, volume)).then(() => true, () => false);
  return await provision(kubectl, classes, {
    node: NODE,
    create: async (volume, storageClass, size) => {
      if (await exists(volume)) return false;
      await Deno.mkdir(join(folder, volume));
      if (storageClass === "standard") await Deno.chmod(join(folder, volume), 0o777);
      if (storageClass === "bounded") await mountDisk(machine, volume, size);
      return true;
    },
    remove: async (volume) => {
      if (!await exists(volume)) return false;
      await unmountDisk(machine, volume);
      await Deno.remove(join(folder, volume), { recursive: true });
      return true;
    },
  });
}

/** Starts a provisioner on a given cluster that lacks some classes. No pod can use its volumes, which are on no node. */
export async function startEmptyProvisioner(kubectl: Kubectl, classes: readonly string[]): Promise<AsyncDisposable> {
  const volumes = new Set<string>();
  return await provision(kubectl, classes, {
    node: "nowhere",
    create: (volume) => Promise.resolve(!volumes.has(volume) && volumes.add(volume).size > 0),
    remove: (volume) => Promise.resolve(volumes.delete(volume)),
  });
}

async function provision(kubectl: Kubectl, classes: readonly string[], backing: Backing): Promise<AsyncDisposable> {
  const text = await Deno.readTextFile(new URL("./config/storage-classes.yaml", import.meta.url));
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Json);
  const own = objects.filter(({ metadata }) => classes.includes(metadata.name));
  const modes = new Map(own.map(({ metadata, volumeBindingMode }) => [metadata.name, volumeBindingMode]));
  await applyObjects(kubectl, own);
  const fields = [
    ...["metadata.uid", "metadata.namespace", "metadata.name", "spec.storageClassName", "status.phase"],
    ...["spec.resources.requests.storage", "metadata.annotations.volume\\.kubernetes\\.io/selected-node"],
  ];
  const claims = watch(
    kubectl,
    "persistentvolumeclaims",
    fields,
    async ([uid = "", namespace = "", name = "", storageClass = "", phase, storage = "", node]) => {
      if (phase !== "Pending" || !modes.has(storageClass)) return;
      if (modes.get(storageClass) === "WaitForFirstConsumer" && node === "") return;
      const volume = `pvc-${uid}`;
      if (!await backing.create(volume, storageClass, storage)) return;
      const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid };
      await kubectl.run(["create", "-f", "-"], {
        stdin: JSON.stringify(volumeFor(volume, backing.node, storageClass, storage, claim)),
      });
    },
  );
  const volumes = watch(kubectl, "persistentvolumes", ["metadata.name", "status.phase"], async ([name = "", phase]) => {
    // An event can repeat; only the first one has an effect.
    if (phase !== "Released" || !await backing.remove(name)) return;
    await kubectl.run(["delete", "persistentvolume", name, "--wait=false"]);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all([claims.stop(), volumes.stop()]);
    },
  };
}

/** Checks what the class `bounded` requires of the machine. Throws an error that names what is missing. */
export async function loopDevices(): Promise<void> {
  await onPath("mkfs.ext4");
  await runOrThrow(await onPath("losetup"), ["--find"]);
}

/** Returns the file of a volume's own file system, which may not exist. */
const diskOf = (volume: string) => `${VOLUMES}/.${volume}.disk`;

async function mountDisk(machine: Machine, volume: string, size: string): Promise<void> {
  const script = 'truncate --size="$1" "$2" && mkfs.ext4 -q -m 0 "$2" && mount -o loop "$2" "$3"';
  const bytes = toBytes(size);
  await within(machine, ["sh", "-c", script, "sh", String(bytes), diskOf(volume), `${VOLUMES}/${volume}`]);
}

async function unmountDisk(machine: Machine, volume: string): Promise<void> {
  const script = 'if [ -e "$1" ]; then umount "$2" && rm "$1"; fi';
  await within(machine, ["sh", "-c", script, "sh", diskOf(volume), `${VOLUMES}/${volume}`]);
}

async function within({ enter: [command = "", ...enter] }: Machine, argv: readonly string[]): Promise<void> {
  await runOrThrow(command, [...enter, ...argv]);
}

function volumeFor(name: string, node: string, storageClassName: string, storage: string, claimRef: unknown) {
  const path = join(VOLUMES, name);
  const onNode = { key: "kubernetes.io/hostname", operator: "In", values: [node] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name,
      labels: { [PROVISIONED]: "volume" },
      annotations: { "pv.kubernetes.io/provisioned-by": "openclaw-pack.invalid/stand-in" },
    },
    spec: {
      storageClassName,
      claimRef,
      accessModes: ["ReadWriteOnce"],
      capacity: { storage },
      persistentVolumeReclaimPolicy: "Delete",
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } },
      ...(storageClassName === "standard" ? { hostPath: { path, type: "Directory" } } : { local: { path } }),
    },
  };
}

/** Calls back with some fields of each object that exists, is created or changes. One call at a time. */
function watch(kubectl: Kubectl, kind: string, fields: readonly string[], react: (fields: string[]) => Promise<void>) {
  const template = `${fields.map((field) => `{.${field}}`).join("|")}\n`;
  const args = ["get", kind, "--all-namespaces", "--watch", `--output=jsonpath=${template}`];
  let child: Deno.ChildProcess | undefined;
  let isStopped = false;
  const follow = async () => {
    child = new Deno.Command("kubectl", {
      args: ["--kubeconfig", kubectl.kubeconfig, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        await react(line.split("|")).catch((error) => console.error(`fake provisioner: ${error}`));
      }
    }
    await child.status;
  };
  const done = (async () => {
    // The API server ends a watch after half an hour or more; the next one begins with all that there is.
    while (!isStopped) {
      await follow();
      if (!isStopped) await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      try {
        child?.kill();
      } catch {
        // It has already ended.
      }
      await done;
    },
  };
}
