/**
 * The generated gateway's pod, with the scripted model instead of LiteLLM.
 *
 * @module
 */

import { join } from "node:path";
import type { Json } from "../support.ts";
import { type Network, network } from "./network.ts";
import { configJson, withJson } from "./objects.ts";
import { type Pod, type PodOptions, startPod } from "./pod.ts";
import { scratch } from "./scratch.ts";
import { type ScriptedModel, scriptedModel } from "./scripted_model.ts";

const CONFIG = "openclaw.json";

/** A running gateway. */
export interface Gateway extends AsyncDisposable {
  readonly pod: Pod;
  readonly model: ScriptedModel;
  /** `address:port` of the model. */
  readonly modelAddress: string;
  /** The folder of its state volume. */
  readonly volume: string;
  /** The agent's workspace. */
  readonly workspace: string;
}

/** Returns the objects with the scripted model instead of LiteLLM; `address` is `address:port`. */
export async function modelForLitellm(
  net: Network,
  objects: readonly Json[],
): Promise<ScriptedModel & { readonly address: string }> {
  const { hostname, port } = new URL(configJson(objects, CONFIG).models.providers.litellm.baseUrl);
  // Also the short name, which a pod's search list completes.
  await net.addNames(net.host, [hostname, hostname.replace(/\..*/, "")]);
  return { ...scriptedModel(net.host, Number(port)), address: `${net.host}:${port}` };
}

/** Returns the objects with turns that run their commands only in the gateway's container, for a pod without docker. */
export function withoutSandbox(objects: readonly Json[]): Json[] {
  return withJson(objects, CONFIG, (config) => config.agents.defaults.sandbox.mode = "off");
}

/** Options of a test. */
export interface GatewayOptions {
  readonly objects: readonly Json[];
  /** Fills the state volume; by default it is empty. */
  readonly volume?: (folder: string) => Promise<void>;
  /** Fills the workspace volume; by default it is empty. */
  readonly workspaces?: (folder: string) => Promise<void>;
  /** Shared with other pods. */
  readonly network?: Network;
  readonly secrets?: NonNullable<PodOptions["secrets"]>;
  readonly before?: NonNullable<PodOptions["before"]>;
}

/** Starts a gateway. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const stack = new AsyncDisposableStack();
  try {
    const net = options.network ?? stack.use(await network());
    const volume = join(stack.use(await scratch()).path, "volume");
    await (options.volume ?? Deno.mkdir)(volume);
    const workspaces = join(volume, "../workspaces");
    await options.workspaces?.(workspaces);
    const model = stack.use(await modelForLitellm(net, options.objects));
    const pod = stack.use(
      await startPod({
        objects: options.objects,
        deployment: "openclaw",
        network: net,
        claims: { "openclaw-data": volume, "openclaw-workspace": workspaces },
        secrets: options.secrets ?? {},
        before: options.before ?? {},
      }),
    );
    return {
      pod,
      model,
      modelAddress: model.address,
      volume,
      workspace: join(workspaces, "main"),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
