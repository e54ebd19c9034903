/**
 * Fake provisioners of volumes. On the tests' own node each claim of the classes in config/storage-classes.yaml gets a folder:
 * `standard` as in kind: everybody may write to it, a kubelet leaves its ownership alone, and it comes with the first pod. `longhorn`
 * as a disk: it belongs to root until the kubelet gives it to the pod's group. `bounded` is as `longhorn`, and full when what was
 * claimed is used up: a file system of its own, in a file that takes no more room than what was written. A claim's end is its
 * volume's. On a given cluster a claim is bound to a volume that exists nowhere, for suites that run no pods.
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

/** Within the machine; outside it is `lib/volumes` of its folder. */
const VOLUMES = "/var/lib/volumes";
/** The classes of config/storage-classes.yaml. */
export const CLASSES: readonly string[] = ["standard", "longhorn", "bounded"];
/** Marks the volumes of these provisioners. */
export const PROVISIONED = "openclaw-pack.invalid/e2e";

/** What is behind the volumes. */
interface Backing {
  /** Name of a node that may use them. */
  readonly node: string;
  /** Creates what is behind a volume; false if it exists already. */
  create(volume: string, storageClass: string, size: string): Promise<boolean>;
  /** Deletes it; false if it was deleted already. */
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

/** Starts one for a given cluster that lacks some classes. No pod can use its volumes, since they are on no node. */
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
    // Told more than once; the first time does it.
    if (phase !== "Released" || !await backing.remove(name)) return;
    await kubectl.run(["delete", "persistentvolume", name, "--wait=false"]);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all([claims.stop(), volumes.stop()]);
    },
  };
}

/** What the class `bounded` needs of the machine. Throws with what is missing. */
export async function loopDevices(): Promise<void> {
  await onPath("mkfs.ext4");
  await runOrThrow(await onPath("losetup"), ["--find"]);
}

/** Where a volume's own file system is, if it has one. */
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
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [node] };
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
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      ...(storageClassName === "standard" ? { hostPath: { path, type: "Directory" } } : { local: { path } }),
    },
  };
}

/** Calls back, one at a time, with some fields of each object that is there, comes, or changes. */
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
        // It has ended already.
      }
      await done;
    },
  };
}
