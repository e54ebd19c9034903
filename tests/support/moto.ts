/**
 * moto in the place of AWS: a server of a test's own, empty and in memory.
 *
 * @module
 */

import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** A server that runs. */
export interface Moto extends AsyncDisposable {
  /** Where, on loopback. */
  readonly url: string;
  /** What it has written so far: a line for each request among it. */
  log(): string;
}

/** Files of a certificate and its key. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Starts one, by HTTPS if it has a certificate; `folder` is that of its program ({@linkcode aws} of parts.ts). */
export async function startMoto(folder: string, tls?: Certificate): Promise<Moto> {
  const server = new Deno.Command(join(folder, "moto_server"), {
    args: ["-H", "127.0.0.1", "-p", "0", ...(tls === undefined ? [] : ["-c", tls.certificate, "-k", tls.key])],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  let url: string | undefined;
  const running = Promise.withResolvers<string>();
  const ended = (async () => {
    for await (const chunk of server.stderr.pipeThrough(new TextDecoderStream())) {
      log += chunk;
      url ??= log.match(/Running on (https?:\/\/127\.0\.0\.1:\d+)/)?.[1];
      if (url !== undefined) running.resolve(url);
    }
    running.reject(new Error(`moto_server ended: ${log}`));
  })();
  return {
    url: await running.promise,
    log: () => stripVTControlCharacters(log),
    [Symbol.asyncDispose]: async () => {
      server.kill();
      await Promise.all([server.status, ended]);
    },
  };
}
