/**
 * Every route of the LiteLLM proxy, from the package itself: its own OpenAPI document leaves some out.
 *
 * @module
 */

import { join } from "node:path";
import { imageVersion } from "../../src/model/images.ts";
import { installed, keyOf } from "../judges/parts.ts";
import { type Json, objectOf } from "../support.ts";
import { withContainer } from "./objects.ts";
import { startPod } from "./pod.ts";

/** A method and a path; parameters of the path are filled in. */
export interface Operation {
  readonly method: string;
  readonly path: string;
}

/** Every operation of the version that the Deployment runs; listed once a version. */
export async function operationsOf(objects: readonly Json[]): Promise<Operation[]> {
  const script = await Deno.readTextFile(new URL("litellm_routes.py", import.meta.url));
  // The image without its server and without its limits, which are for one process.
  const idle = withContainer(objects, "litellm", "litellm", (container) => {
    container.command = ["sleep", "infinity"];
    for (const field of ["args", "startupProbe", "readinessProbe", "resources"]) delete container[field];
  });
  const { image } = objectOf(objects, "Deployment", "litellm").spec.template.spec.containers[0];
  const folder = await installed(`litellm-routes-${imageVersion(image)}-${await keyOf([script])}`, async (folder) => {
    await using pod = await startPod({ objects: idle, deployment: "litellm" });
    const { code, stdout, stderr } = await pod.exec("litellm", ["python3", "-"], { stdin: script });
    if (code !== 0) throw new Error(stderr);
    await Deno.writeTextFile(join(folder, "routes.json"), stdout.slice(stdout.indexOf("routes ") + 7));
  });
  const routes = JSON.parse(await Deno.readTextFile(join(folder, "routes.json"))) as [string, string][];
  return routes.map(([path, method]) => ({ method, path: path.replaceAll(/\{[^}]*\}/g, "x") || "/" }));
}
