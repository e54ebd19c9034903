/**
 * moto in the place of AWS: a server of a test's own, empty and in memory.
 *
 * @module
 */

import { join } from "node:path";

/** A server that runs. */
export interface Moto extends AsyncDisposable {
  /** Where, on loopback. */
  readonly url: string;
}

/** Starts one; `folder` is that of its program ({@linkcode aws} of parts.ts). */
export async function startMoto(folder: string): Promise<Moto> {
  const server = new Deno.Command(join(folder, "moto_server"), {
    args: ["-H", "127.0.0.1", "-p", "0"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  return {
    url: await addressOf(server.stderr),
    [Symbol.asyncDispose]: async () => {
      server.kill();
      await server.status;
    },
  };
}

/** The address in the line "Running on http://..." that the server writes; what follows is thrown away. */
async function addressOf(output: ReadableStream<Uint8Array>): Promise<string> {
  const [mine, rest] = output.tee();
  rest.pipeTo(new WritableStream()).catch(() => undefined);
  let text = "";
  for await (const chunk of mine.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const [, address] = text.match(/Running on (http:\/\/127\.0\.0\.1:\d+)/) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`moto_server ended: ${text}`);
}
