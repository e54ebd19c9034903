/**
 * A stand-in for a provisioner of volumes: each claim of the classes in config/storage-classes.yaml gets a folder of the node.
 * `standard` as in kind: everybody may write to it, and a kubelet leaves its ownership alone. `longhorn` as a disk: it belongs to
 * root until the kubelet gives it to the pod's group. `bounded` is as `longhorn`, and full when what was claimed is used up: a file
 * system of its own, in a file that takes no more room than what was written. A claim's end is its volume's.
 *
 * @module
 */

import { join } from "node:path";
import { must, onPath } from "../tools.ts";
import { toBytes } from "../../../src/values/quantity.ts";
import type { Kubectl } from "./kubectl.ts";
import type { Machine } from "./machine.ts";
import { NODE } from "./node.ts";

/** Within the machine; outside it is `lib/volumes` of its folder. */
const VOLUMES = "/var/lib/volumes";
const CLASSES: readonly string[] = ["standard", "longhorn", "bounded"];

/** Starts it. */
export async function startProvisioner(machine: Machine, kubectl: Kubectl): Promise<AsyncDisposable> {
  await kubectl.apply(new URL("./config/storage-classes.yaml", import.meta.url).pathname);
  const folder = join(machine.folder, "lib/volumes");
  await Deno.mkdir(folder);
  const claimFields = ["metadata.uid", "metadata.namespace", "metadata.name", "spec.storageClassName", "status.phase"];
  const claims = watch(
    kubectl,
    "persistentvolumeclaims",
    [...claimFields, "spec.resources.requests.storage"],
    async ([uid = "", namespace = "", name = "", storageClass = "", phase, storage = ""]) => {
      if (phase !== "Pending" || !CLASSES.includes(storageClass)) return;
      const volume = `pvc-${uid}`;
      const path = join(folder, volume);
      if (await Deno.stat(path).then(() => true, () => false)) return;
      await Deno.mkdir(path);
      if (storageClass === "standard") await Deno.chmod(path, 0o777);
      if (storageClass === "bounded") await mountDisk(machine, volume, storage);
      const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid };
      await kubectl.run(["create", "-f", "-"], {
        stdin: JSON.stringify(volumeFor(volume, storageClass, storage, claim)),
      });
    },
  );
  const volumes = watch(kubectl, "persistentvolumes", ["metadata.name", "status.phase"], async ([name = "", phase]) => {
    if (phase !== "Released" || !name.startsWith("pvc-")) return;
    // Told more than once; the first time does it.
    if (!await Deno.stat(join(folder, name)).then(() => true, () => false)) return;
    await unmountDisk(machine, name);
    await Deno.remove(join(folder, name), { recursive: true });
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
  await must(await onPath("losetup"), ["--find"]);
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
  await must(command, [...enter, ...argv]);
}

function volumeFor(name: string, storageClassName: string, storage: string, claimRef: unknown) {
  const path = join(VOLUMES, name);
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [NODE] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": "openclaw-pack.invalid/stand-in" } },
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
  const child = new Deno.Command("kubectl", {
    args: ["--kubeconfig", kubectl.kubeconfig, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let rest = "";
  const done = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        await react(line.split("|")).catch((error) => console.error(`stand-in for a provisioner: ${error}`));
      }
    }
  })();
  return {
    stop: async () => {
      try {
        child.kill();
      } catch {
        // It has ended already.
      }
      await child.status;
      await done;
    },
  };
}
