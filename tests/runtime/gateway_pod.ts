/**
 * The generated gateway's pod, with the scripted model in LiteLLM's place.
 *
 * @module
 */

import { join } from "node:path";
import type { Json } from "../support.ts";
import { type Network, network } from "./network.ts";
import { configJson } from "./objects.ts";
import { type Pod, type PodOptions, startPod } from "./pod.ts";
import { scratch } from "./scratch.ts";
import { type ScriptedModel, scriptedModel } from "./scripted_model.ts";

/** A gateway that takes turns. */
export interface Gateway extends AsyncDisposable {
  readonly pod: Pod;
  readonly model: ScriptedModel;
  /** `address:port` of the model. */
  readonly modelAddress: string;
  /** The folder of its state volume. */
  readonly volume: string;
}

/** What a test chooses. */
export interface GatewayOptions {
  readonly objects: readonly Json[];
  /** Makes the state volume; by default it is empty. */
  readonly volume?: (folder: string) => Promise<void>;
  /** Shared with other pods. */
  readonly network?: Network;
  readonly secrets?: NonNullable<PodOptions["secrets"]>;
}

/** Starts one. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const stack = new AsyncDisposableStack();
  try {
    const net = options.network ?? stack.use(await network());
    const volume = join(stack.use(await scratch()).path, "volume");
    await (options.volume ?? Deno.mkdir)(volume);
    const { hostname, port } = new URL(configJson(options.objects, "openclaw.json").models.providers.litellm.baseUrl);
    const model = stack.use(scriptedModel(net.host, Number(port)));
    await net.addNames(net.host, [hostname]);
    const pod = stack.use(
      await startPod({
        objects: options.objects,
        deployment: "openclaw",
        network: net,
        claims: { "openclaw-data": volume },
        secrets: options.secrets ?? {},
      }),
    );
    return {
      pod,
      model,
      modelAddress: `${net.host}:${port}`,
      volume,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
