/**
 * Every route of the LiteLLM proxy, from the package itself, because its OpenAPI document omits some.
 *
 * @module
 */

import type { Json } from "../support.ts";
import { askLitellm } from "./litellm_source.ts";

/** A method and a path; parameters of the path are filled in. */
export interface Operation {
  readonly method: string;
  readonly path: string;
}

/** Returns every operation of the version in the Deployment. */
export async function operationsOf(objects: readonly Json[]): Promise<Operation[]> {
  const routes = await askLitellm<[path: string, method: string][]>(objects, "litellm_routes.py", "routes");
  return routes.map(([path, method]) => ({ method, path: path.replaceAll(/\{[^}]*\}/g, "x") || "/" }));
}
