/**
 * A deployment of overlays/prod on the tests' cluster, as it is generated. What this node lacks is put in its place: the Secrets that
 * External Secrets would make, and the sandbox image that the gateway's pod would build.
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
import { giveSandboxImage, NAMESPACE } from "./trial.ts";
import { secretKey } from "../../../src/tables/secrets.ts";

/** Values of Secrets that must be more than fake ones, by workload and key. */
export type RealValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One node keeps nothing apart; tests/e2e/apart_test.ts has several. */
const onOneNode = (input: PackInput): PackInput => ({ ...input, cluster: { ...input.cluster, keysApart: "off" } });

/** The production overlay's objects with Secrets ready-made. */
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

/** Deploys it and waits until every Deployment is available. */
export async function deployProduction(
  cluster: Cluster,
  input: PackInput,
  { real, made }: { readonly real?: RealValues; readonly made?: Readonly<Record<string, Image>> } = {},
): Promise<Model> {
  const model = await modelOf(onOneNode(input));
  const objects = await productionObjects(onOneNode(input), real);
  // A CronJob's pods come at night.
  await cluster.addImages(imagesOf(objects.filter(({ kind }) => kind !== "CronJob")), made);
  await applyObjects(cluster, objects);
  if (model.config.sandbox.backend === "docker") await giveSandboxImage(cluster, model.sandboxImage);
  for (const { name, namespace, kind } of model.workloads) {
    if (kind === "Deployment") await rolledOut(cluster, namespace, name);
  }
  return model;
}

/** The gateway's pod. */
export async function gatewayPod(cluster: Kubectl): Promise<{ name: string; ip: string }> {
  const { items } = await cluster.get("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=openclaw");
  return { name: items[0].metadata.name, ip: items[0].status.podIP };
}
