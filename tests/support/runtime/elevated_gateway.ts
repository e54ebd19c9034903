/**
 * Production's gateway with its docker sandbox, its Discord plugin and a fake Discord. A message makes the scripted model call a
 * tool; then either a card requests an approval, or the tool returns a result.
 *
 * @module
 */

import { join } from "node:path";
import type { PackInput } from "openclaw-pack";
import { until } from "../cluster/kubectl.ts";
import type { Json } from "../support.ts";
import { openclaw } from "../tools.ts";
import { type Discord, discord, type Post } from "./discord.ts";
import { modelForLitellm } from "./gateway_pod.ts";
import { network } from "./network.ts";
import { npmRegistry } from "./npm_registry.ts";
import { overlay } from "./objects.ts";
import { type Pod, startPod } from "./pod.ts";
import { baseImage, copyBuiltVolume } from "./sandbox_image.ts";
import { scratch } from "./scratch.ts";
import type { ScriptedModel } from "./scripted_model.ts";

/** A user who may approve commands outside the sandbox. */
export const LISTED = "123456789012345678";
/** A user who may only talk to the assistant. */
export const TALKER = "123456789012345679";
/** A user who may not even talk to it. */
export const STRANGER = "123456789012345670";

const PLUGIN_STEP = "install-plugins";
const CA = "/etc/test-ca.pem";
/** A notice that the bot sends if a message follows right after its last answer. */
const NOTICE = /whether my previous reply reached this chat/;

/** The reaction to a message: a card that requests an approval, the tool's result, or another answer of the bot. */
export interface Reply {
  readonly card?: Post;
  readonly result?: string;
  readonly said?: string;
}

/** The running gateway. */
export interface ElevatedGateway extends AsyncDisposable {
  readonly pod: Pod;
  readonly model: ScriptedModel;
  readonly discord: Discord;
  /** The folder of its state volume, where a proof of a command outside the sandbox appears. */
  readonly volume: string;
  /** The agent's workspace. */
  readonly workspace: string;
  /** Sends a message of a user and returns the first reaction. */
  say(user: string, text: string): Promise<Reply>;
  /** Clicks a button of a card, by its label. */
  click(user: string, card: Post, label: RegExp): Promise<string>;
  /** Returns the tool's next result after an action. */
  resultOf(action: () => Promise<unknown>): Promise<string>;
}

/** Returns production's objects for these approvers. */
export async function elevatedObjects(elevated: readonly string[]): Promise<Json[]> {
  const { images } = await baseImage();
  const pack: PackInput = { images, discord: { allowFrom: [LISTED, TALKER], elevated: [...elevated] } };
  const secrets = (await overlay("kind", { images })).filter(({ kind }) => kind === "Secret");
  return [...await overlay("prod", pack), ...secrets];
}

/** Starts a gateway. OpenClaw waits 30 minutes for an approval; here it waits `timeoutMs`. */
export async function startElevatedGateway(
  objects: readonly Json[],
  { version, timeoutMs }: { readonly version: string; readonly timeoutMs: number },
): Promise<ElevatedGateway> {
  const stack = new AsyncDisposableStack();
  try {
    const net = stack.use(await network());
    const people = stack.use(await discord(net));
    const model = stack.use(await modelForLitellm(net, objects));
    const registry = stack.use(await npmRegistry(net.host, `npm-@openclaw-discord@${version}`));
    const volume = join(stack.use(await scratch()).path, "volume");
    await copyBuiltVolume(volume);
    const workspaces = join(volume, "../workspaces");
    const pod = stack.use(
      await startPod({
        objects,
        deployment: "openclaw",
        network: net,
        claims: { "openclaw-data": volume, "openclaw-workspace": workspaces },
        without: ["install-tools"],
        env: { [PLUGIN_STEP]: { npm_config_registry: registry.url }, openclaw: { NODE_EXTRA_CA_CERTS: CA } },
        files: { openclaw: { [CA]: people.ca, ...await shorterWait(version, timeoutMs) } },
      }),
    );
    await people.online();
    const { posts } = people;
    const { results } = model;
    // A turn ends with the model's last message; only then is the session free for the next one.
    const over = (seen: number) => posts.slice(seen).some(({ text }) => text.includes("done"));
    const resultOf = async (action: () => Promise<unknown>) => {
      const [seen, before] = [posts.length, results.length];
      await action();
      const result = () => Promise.resolve(over(seen) ? results[before] : undefined);
      return await until("the tool's result", result, { timeoutMs: 90_000 });
    };
    return {
      pod,
      model,
      discord: people,
      volume,
      workspace: join(workspaces, "main"),
      resultOf,
      click: (user, card, label) => people.click(user, card, label),
      say: async (user, text) => {
        const [seen, before] = [posts.length, results.length];
        people.say(user, text);
        return await until<Reply>(`an answer to ${text}`, () => {
          const since = posts.slice(seen);
          const card = since.find(({ buttons }) => Object.keys(buttons).length > 0);
          const result = results[before];
          if (card !== undefined) return Promise.resolve({ card });
          const said = since.filter(({ to, text }) => to === user && !NOTICE.test(text)).map(({ text }) => text).join(
            "\n",
          );
          if (result !== undefined) return Promise.resolve(over(seen) ? { result, said } : undefined);
          return Promise.resolve(said !== "" && !text.includes("CALL") ? { said } : undefined);
        }, { timeoutMs: 60_000 });
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Returns OpenClaw's own file with a shorter timeout, because there is no setting for it. */
async function shorterWait(version: string, timeoutMs: number): Promise<Record<string, string>> {
  const { app } = await openclaw(version);
  const names = (await Array.fromAsync(Deno.readDir(join(app, "dist")))).map(({ name }) => name);
  const constant = /DEFAULT_EXEC_APPROVAL_TIMEOUT_MS = [^;]+;/;
  for (const name of names.filter((name) => /^exec-approvals-core-.*\.mjs$/.test(name))) {
    const text = await Deno.readTextFile(join(app, "dist", name));
    if (!constant.test(text)) continue;
    return { [`/app/dist/${name}`]: text.replace(constant, `DEFAULT_EXEC_APPROVAL_TIMEOUT_MS = ${timeoutMs};`) };
  }
  throw new Error("OpenClaw's approval timeout is no longer in this file");
}
