/**
 * Two entry points of a gateway, used from outside its pod: a tool over HTTP, and the WebSocket of browsers and clients.
 *
 * @module
 */

import { GATEWAY_PORT } from "../../../src/tables/workloads.ts";

/** The address of the gateway, with headers and credentials; a browser has an allowed origin and its own key. */
export interface Client {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly browser?: Browser;
}

/** A browser as the gateway knows it: its key pair. */
export interface Browser {
  readonly origin: string;
  readonly key: CryptoKeyPair;
}

/** Creates a browser. */
export async function browser(origin: string): Promise<Browser> {
  return { origin, key: await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair };
}

/** Makes the gateway list its sessions over HTTP, and returns the status. */
export async function invoke(address: string, { token, headers }: Client): Promise<number> {
  const answer = await fetch(`http://${address}:${GATEWAY_PORT}/tools/invoke`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearer(token), ...headers },
    body: JSON.stringify({ tool: "sessions_list", args: {} }),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** Connects by WebSocket. Returns `ok`, or the gateway's error code, or the status with which it refused the upgrade. */
export async function connect(address: string, client: Client): Promise<string> {
  const { origin } = client.browser ?? {};
  const headers = { ...client.headers, ...(origin === undefined ? {} : { origin }) };
  const socket = new WebSocket(`ws://${address}:${GATEWAY_PORT}`, { headers });
  try {
    return await new Promise((resolve) => {
      socket.onerror = (event) => resolve((event as ErrorEvent).message.match(/status code: (\d+)/)?.[1] ?? "error");
      socket.onclose = ({ reason }) => resolve(`closed: ${reason}`);
      socket.onmessage = async ({ data }) => {
        const { event, type, ok, payload, error } = JSON.parse(data);
        if (event === "connect.challenge") socket.send(JSON.stringify(await greeting(client, payload)));
        if (type === "res") resolve(ok ? "ok" : error.details?.code ?? error.code);
      };
    });
  } finally {
    socket.close();
  }
}

const bearer = (token?: string): HeadersInit => token === undefined ? {} : { authorization: `Bearer ${token}` };

interface Challenge {
  readonly nonce: string;
  readonly ts: number;
}

/** Returns the first frame. Without a browser it is that of a service, which has no key. */
async function greeting({ token, browser }: Client, challenge: Challenge) {
  const client = browser === undefined
    ? { id: "gateway-client", mode: "backend" }
    : { id: "openclaw-control-ui", mode: "webchat" };
  const params = {
    minProtocol: 3,
    maxProtocol: 4,
    client: { ...client, version: "1.0.0", platform: "linux" },
    role: "operator",
    scopes: ["operator.read"],
    ...(token === undefined ? {} : { auth: { token } }),
  };
  const device = browser === undefined ? undefined : await signed(browser.key, params, token ?? "", challenge);
  return { type: "req", id: "1", method: "connect", params: { ...params, ...(device ? { device } : {}) } };
}

interface Signed {
  readonly client: { readonly id: string; readonly mode: string };
  readonly role: string;
  readonly scopes: readonly string[];
}

/** Returns OpenClaw's signature of a connection, version 2 (docs/gateway/protocol/auth.md of the package). */
async function signed(key: CryptoKeyPair, { client, role, scopes }: Signed, token: string, { nonce, ts }: Challenge) {
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", key.publicKey));
  const id = new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey)).toHex();
  const text = ["v2", id, client.id, client.mode, role, scopes.join(","), String(ts), token, nonce].join("|");
  const signature = await crypto.subtle.sign("Ed25519", key.privateKey, new TextEncoder().encode(text));
  return {
    id,
    publicKey: publicKey.toBase64({ alphabet: "base64url", omitPadding: true }),
    signature: new Uint8Array(signature).toBase64({ alphabet: "base64url", omitPadding: true }),
    signedAt: ts,
    nonce,
  };
}
