/**
 * A fake Discord for one bot: the REST API and the gateway's WebSocket, with direct messages and clicks on buttons. It records what
 * the bot posts. It has no guilds, slash commands or attachments.
 *
 * @module
 */

import { until } from "../cluster/kubectl.ts";
import type { Json } from "../support.ts";
import { certificateFor } from "./certificate.ts";
import type { Network } from "./network.ts";

/** The host names that the bot connects to. */
export const DISCORD_HOSTS = ["discord.com", "gateway.discord.gg"] as const;

const BOT = { id: "100000000000000001", username: "bot", discriminator: "0000", bot: true };

/** What the bot posted. */
export interface Post {
  readonly id: string;
  /** The user whose direct channel it is in. */
  readonly to: string;
  /** Its entire text, including that of its components. */
  text: string;
  /** The custom IDs of its buttons, by label. */
  buttons: Record<string, string>;
}

/** The running fake. */
export interface Discord extends AsyncDisposable {
  /** Certificate authority that the bot must trust, in PEM. */
  readonly ca: string;
  readonly posts: readonly Post[];
  /** Waits until the bot is connected. */
  online(): Promise<void>;
  /** Closes the bot's connection and refuses new ones until `connect` is called. */
  disconnect(): void;
  connect(): void;
  /** Sends a direct message of a user. */
  say(user: string, text: string, quoted?: { readonly by: string; readonly text: string }): void;
  /** Clicks a button of a post as a user and returns what the bot answers to that user only. */
  click(user: string, post: Post, label: RegExp): Promise<string>;
}

/** Starts it at the addresses that the network's pods resolve. */
export async function discord(net: Network): Promise<Discord> {
  const { ca, ...tls } = await certificateFor(...DISCORD_HOSTS);
  await net.addNames(net.host, DISCORD_HOSTS);
  const posts: Post[] = [];
  const sockets = new Set<WebSocket>();
  const answers = new Map<string, string[]>();
  let open = true;
  let sequence = 0;
  let lastId = 0n;
  const newId = () => String(200_000_000_000_000_000n + ++lastId);
  const dispatch = (type: string, data: Json) => {
    for (const socket of sockets) socket.send(JSON.stringify({ op: 0, t: type, s: ++sequence, d: data }));
  };
  const user = (id: string) => ({ id, username: `user${id}`, discriminator: "0000", global_name: `User ${id}` });
  // The ID of a direct channel is its user's with another first digit.
  const channelOf = (id: string) => `9${id.slice(1)}`;
  const personOf = (channel: string) => `1${channel.slice(1)}`;
  const channel = (id: string) => ({ id, type: 1, recipients: [user(personOf(id))], last_message_id: null });
  const message = (id: string, to: string, author: Json, content: string) => ({
    id,
    channel_id: to,
    author,
    content,
    timestamp: new Date().toISOString(),
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    pinned: false,
    type: 0,
  });

  const rest = async (request: Request): Promise<Response> => {
    const { method } = request;
    const path = decodeURIComponent(new URL(request.url).pathname).replace(/^\/api(\/v\d+)?/, "");
    const read = async (): Promise<Json> => {
      const text = await request.text();
      const { payload } = /form-data/.test(request.headers.get("content-type") ?? "")
        ? { payload: /name="payload_json"[^{]*(\{.*\})/.exec(text)?.[1] ?? "{}" }
        : { payload: text || "{}" };
      return JSON.parse(payload);
    };
    const to = /^\/channels\/(\d+)/.exec(path)?.[1] ?? "";
    if (path === "/gateway/bot") {
      const limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 };
      return Response.json({ url: "wss://gateway.discord.gg/", shards: 1, session_start_limit: limit });
    }
    if (path === "/users/@me/channels") return Response.json(channel(channelOf((await read()).recipient_id)));
    if (path === "/users/@me") return Response.json(BOT);
    if (/^\/users\/\d+$/.test(path)) return Response.json(user(path.slice("/users/".length)));
    if (/^\/(oauth2\/)?applications\/@me$/.test(path)) {
      return Response.json({ id: BOT.id, name: "bot", flags: 1 << 19 });
    }
    if (method === "PUT" && path.endsWith("/commands")) {
      return Response.json((await read() as unknown as Json[]).map((command) => ({ ...command, id: newId() })));
    }
    if (/^\/channels\/\d+$/.test(path)) return Response.json(channel(to));
    if (method === "POST" && /\/messages$/.test(path)) {
      const post = { id: newId(), to: personOf(to), ...contentOf(await read()) };
      posts.push(post);
      return Response.json(message(post.id, to, BOT, post.text));
    }
    if (method === "PATCH" && /\/messages\/\d+$/.test(path)) {
      const post = posts.find(({ id }) => path.endsWith(id));
      const content = contentOf(await read());
      if (post !== undefined) Object.assign(post, content);
      return Response.json(message(post?.id ?? newId(), to, BOT, content.text));
    }
    const callback = /^\/interactions\/\d+\/(\w+)\/callback$/.exec(path)?.[1] ??
      /^\/webhooks\/\d+\/(\w+)/.exec(path)?.[1];
    if (callback !== undefined) {
      const { data, ...body } = await read();
      answers.get(callback)?.push(contentOf(data ?? body).text);
      return path.endsWith("/callback")
        ? new Response(null, { status: 204 })
        : Response.json(message(newId(), "0", BOT, ""));
    }
    if (method === "GET" && /\/(messages|commands)$/.test(path)) return Response.json([]);
    return new Response(null, { status: 204 });
  };

  const gateway = (request: Request): Response => {
    if (!open) return new Response(null, { status: 503 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    const send = (frame: Json) => socket.send(JSON.stringify(frame));
    socket.onopen = () => send({ op: 10, d: { heartbeat_interval: 41_250 } });
    socket.onclose = () => sockets.delete(socket);
    socket.onerror = () => sockets.delete(socket);
    socket.onmessage = ({ data }) => {
      const { op } = JSON.parse(data);
      if (op === 1) return send({ op: 11 });
      if (op !== 2 && op !== 6) return;
      sockets.add(socket);
      if (op === 6) return send({ op: 0, t: "RESUMED", s: ++sequence, d: {} });
      const application = { id: BOT.id, flags: 1 << 19 };
      const ready = {
        v: 10,
        user: BOT,
        guilds: [],
        session_id: "session",
        resume_gateway_url: "wss://gateway.discord.gg/",
      };
      send({ op: 0, t: "READY", s: ++sequence, d: { ...ready, application } });
    };
    return response;
  };

  const server = Deno.serve(
    { hostname: net.host, port: 443, onListen: () => {}, ...tls },
    (request) => request.headers.get("upgrade") === "websocket" ? gateway(request) : rest(request),
  );
  return {
    ca,
    posts,
    online: () =>
      until("the bot is online", () => Promise.resolve(sockets.size > 0), { timeoutMs: 60_000 }).then(() => {}),
    disconnect: () => {
      open = false;
      for (const socket of sockets) socket.close();
    },
    connect: () => open = true,
    say: (id, text, quoted) => {
      const to = channelOf(id);
      const reply = quoted === undefined ? {} : {
        type: 19,
        message_reference: { type: 0, message_id: "300000000000000001", channel_id: to },
        referenced_message: message("300000000000000001", to, user(quoted.by), quoted.text),
      };
      dispatch("MESSAGE_CREATE", { ...message(newId(), to, user(id), text), ...reply, channel_type: 1 });
    },
    click: async (id, post, label) => {
      const [, customId] = Object.entries(post.buttons).find(([text]) => label.test(text)) ?? [];
      if (customId === undefined) throw new Error(`no button ${label} among ${Object.keys(post.buttons)}`);
      const token = crypto.randomUUID().replaceAll("-", "");
      const heard: string[] = [];
      answers.set(token, heard);
      const to = channelOf(post.to);
      dispatch("INTERACTION_CREATE", {
        id: newId(),
        application_id: BOT.id,
        type: 3,
        token,
        version: 1,
        channel_id: to,
        channel: channel(to),
        user: user(id),
        message: message(post.id, to, BOT, post.text),
        data: { component_type: 2, custom_id: customId },
      });
      await until("the bot answers a click", () => Promise.resolve(heard.length > 0), { timeoutMs: 20_000 });
      await new Promise((resolve) => setTimeout(resolve, 300));
      return heard.filter((text) => text !== "").join("\n");
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.close();
      await server.shutdown();
    },
  };
}

/** Returns the texts and the buttons of a message at any depth. */
function contentOf(body: Json): Pick<Post, "text" | "buttons"> {
  const texts: string[] = [];
  const buttons: Record<string, string> = {};
  const walk = (value: Json): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (value === null || typeof value !== "object") return;
    if (typeof value.content === "string") texts.push(value.content);
    if (value.type === 2 && value.custom_id !== undefined) buttons[value.label] = value.custom_id;
    Object.values(value).forEach(walk);
  };
  walk(body);
  return { text: texts.join("\n"), buttons };
}
