/**
 * A deployment of overlays/prod on the tests' cluster, as generated. It adds what this node lacks: the Secrets that External
 * Secrets would create, and the sandbox image that the gateway's pod would build.
 *
 * @module
 */

import type { PackInput } from "openclaw-pack";
import type { Model } from "../../../src/model/model.ts";
import type { Image } from "../runtime/images.ts";
import { overlay } from "../runtime/objects.ts";
import { type Json, modelOf } from "../support.ts";
import type { Cluster } from "./cluster.ts";
import { imagesOf } from "./images.ts";
import { applyObjects, type Kubectl, rolledOut } from "./kubectl.ts";
import { loadSandboxImage, NAMESPACE } from "./trial.ts";
import { secretKey } from "../../../src/tables/secrets.ts";

/** Values that replace the fake ones in Secrets, by workload and key. */
export type RealValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** With one node, keys and gateway share it. tests/e2e/apart_test.ts has several nodes. */
const onOneNode = (input: PackInput): PackInput => ({ ...input, cluster: { ...input.cluster, keysApart: "off" } });

/** Returns the objects of the production overlay, with Secrets in place of ExternalSecrets. */
export async function productionObjects(input: PackInput, real: RealValues = {}): Promise<Json[]> {
  const objects = (await overlay("prod", input)).filter(({ kind }) => kind !== "ExternalSecret");
  const model = await modelOf(input);
  const secrets = model.readers.map((reader) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: reader.secret.name, namespace: reader.namespace },
    stringData: Object.fromEntries(
      reader.reads.map(({ secret }) => {
        const key = secretKey(secret.name);
        return [key, real[reader.name]?.[key] ?? secret.fake];
      }),
    ),
  }));
  return [...objects, ...secrets];
}

/** Deploys production and waits until every Deployment is available. */
export async function deployProduction(
  cluster: Cluster,
  input: PackInput,
  { real, images }: { readonly real?: RealValues; readonly images?: Readonly<Record<string, Image>> } = {},
): Promise<Model> {
  const model = await modelOf(onOneNode(input));
  const objects = await productionObjects(onOneNode(input), real);
  // A CronJob's pods only start at night.
  await cluster.addImages(imagesOf(objects.filter(({ kind }) => kind !== "CronJob")), images);
  await applyObjects(cluster, objects);
  if (model.config.sandbox.backend === "docker") await loadSandboxImage(cluster, model.sandboxImage);
  for (const { name, namespace, kind } of model.workloads) {
    if (kind === "Deployment") await rolledOut(cluster, namespace, name);
  }
  return model;
}

/** Returns the gateway's pod. */
export async function gatewayPod(cluster: Kubectl): Promise<{ name: string; ip: string }> {
  const { items } = await cluster.get("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=openclaw");
  return { name: items[0].metadata.name, ip: items[0].status.podIP };
}
