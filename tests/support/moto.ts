/**
 * moto instead of AWS: a separate server for each test, empty and in memory.
 *
 * @module
 */

import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** A running server. */
export interface Moto extends AsyncDisposable {
  /** Its URL, on loopback. */
  readonly url: string;
  /** Returns its log so far, which has a line for each request. */
  log(): string;
}

/** The files of a certificate and its key. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Starts a server, with HTTPS if it has a certificate; `folder` contains its program ({@linkcode aws} of tools.ts). */
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
