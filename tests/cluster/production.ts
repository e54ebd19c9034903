/**
 * A deployment of overlays/prod on the tests' cluster, as it is generated. What this node lacks is put in its place: the Secrets that
 * External Secrets would make, and the sandbox image that the gateway's pod would build.
 *
 * @module
 */

import { stringify } from "yaml";
import type { PackInput } from "openclaw-pack";
import { type Model, readersOf, secretsOf } from "../../src/model/model.ts";
import { secretKey } from "../../src/model/secrets.ts";
import { importImage } from "../runtime/docker_image.ts";
import type { Image } from "../runtime/images.ts";
import { overlay } from "../runtime/objects.ts";
import { type Json, modelOf } from "../support.ts";
import type { Cluster } from "./cluster.ts";
import { imagesOf } from "./images.ts";
import { until } from "./kubectl.ts";

/** The gateway's namespace. */
export const NAMESPACE = "openclaw";

/** Values of Secrets that must be more than fake ones, by workload and key. */
export type RealValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The production overlay's objects with Secrets ready-made. */
export async function productionObjects(input: PackInput, real: RealValues = {}): Promise<Json[]> {
  const objects = (await overlay("prod", input)).filter(({ kind }) => kind !== "ExternalSecret");
  const model = await modelOf(input);
  const secrets = readersOf(model).map((workload) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: workload.secret.name, namespace: workload.namespace },
    stringData: Object.fromEntries(
      secretsOf(model, workload.name).map(({ secret }) => {
        const key = secretKey(secret.name);
        return [key, real[workload.name]?.[key] ?? secret.fake];
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
  const model = await modelOf(input);
  const objects = await productionObjects(input, real);
  // A CronJob's pods come at night.
  await cluster.addImages(imagesOf(objects.filter(({ kind }) => kind !== "CronJob")), made);
  await applyObjects(cluster, objects);
  if (model.config.sandbox.backend === "docker") await giveSandboxImage(cluster, model);
  for (const { name, namespace, kind } of model.workloads) {
    if (kind !== "Deployment") continue;
    await cluster.run(["-n", namespace, "rollout", "status", `deployment/${name}`, "--timeout=300s"], {
      timeoutMs: 310_000,
    });
  }
  return model;
}

/** `kubectl apply` of objects. */
export async function applyObjects(cluster: Cluster, objects: readonly Json[]): Promise<void> {
  const stdin = objects.map((object) => stringify(object)).join("---\n");
  await cluster.run(["apply", "-f", "-"], { stdin });
}

/** Nothing can be pulled here: the sandbox image is put where a restart would find it. */
async function giveSandboxImage(cluster: Cluster, model: Model): Promise<void> {
  await until("the docker daemon", async () => {
    const pod = await gatewayPod(cluster);
    const target = ["-n", NAMESPACE, pod.name, "-c", "docker"];
    const { code } = await cluster.exec(target, ["docker", "version"]);
    if (code !== 0) return false;
    const exec = (argv: string[], options: Json) => cluster.exec(target, argv, options);
    await importImage({ exec }, model.sandboxImage);
    return true;
  }, { timeoutMs: 120_000, everyMs: 1000 });
}

/** The gateway's pod. */
export async function gatewayPod(cluster: Cluster): Promise<{ name: string; ip: string }> {
  const { items } = await cluster.get("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/name=openclaw");
  return { name: items[0].metadata.name, ip: items[0].status.podIP };
}
