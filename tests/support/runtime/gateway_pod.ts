/**
 * The generated gateway's pod, with the scripted model in LiteLLM's place.
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

/** A gateway that takes turns. */
export interface Gateway extends AsyncDisposable {
  readonly pod: Pod;
  readonly model: ScriptedModel;
  /** `address:port` of the model. */
  readonly modelAddress: string;
  /** The folder of its state volume. */
  readonly volume: string;
}

/** The scripted model where the generated configuration has LiteLLM; `address` is as `address:port`. */
export async function modelForLitellm(
  net: Network,
  objects: readonly Json[],
): Promise<ScriptedModel & { readonly address: string }> {
  const { hostname, port } = new URL(configJson(objects, CONFIG).models.providers.litellm.baseUrl);
  // The short name too, which a pod's search list completes.
  await net.addNames(net.host, [hostname, hostname.replace(/\..*/, "")]);
  return { ...scriptedModel(net.host, Number(port)), address: `${net.host}:${port}` };
}

/** The objects with turns that run their commands nowhere but in the gateway's container: a pod without docker can take them. */
export function withoutSandbox(objects: readonly Json[]): Json[] {
  return withJson(objects, CONFIG, (config) => config.agents.defaults.sandbox.mode = "off");
}

/** What a test chooses. */
export interface GatewayOptions {
  readonly objects: readonly Json[];
  /** Makes the state volume; by default it is empty. */
  readonly volume?: (folder: string) => Promise<void>;
  /** Shared with other pods. */
  readonly network?: Network;
  readonly secrets?: NonNullable<PodOptions["secrets"]>;
  readonly before?: NonNullable<PodOptions["before"]>;
}

/** Starts one. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const stack = new AsyncDisposableStack();
  try {
    const net = options.network ?? stack.use(await network());
    const volume = join(stack.use(await scratch()).path, "volume");
    await (options.volume ?? Deno.mkdir)(volume);
    const model = stack.use(await modelForLitellm(net, options.objects));
    const pod = stack.use(
      await startPod({
        objects: options.objects,
        deployment: "openclaw",
        network: net,
        claims: { "openclaw-data": volume },
        secrets: options.secrets ?? {},
        before: options.before ?? {},
      }),
    );
    return {
      pod,
      model,
      modelAddress: model.address,
      volume,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
