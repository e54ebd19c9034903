/**
 * An S3 server and the generated client of it.
 *
 * @module
 */

import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { aws, installed, must, onPath } from "../judges/parts.ts";

/** The real rclone with the two backends that the backup uses, from its Go module; the whole one takes 30 times as long to build. */
export async function rclone(version: string): Promise<string> {
  const folder = await installed(`rclone-s3-${version}`, async (folder) => {
    const go = await onPath("go");
    const packages = ["backend/local", "backend/s3", "cmd/copy"].map((path) =>
      `\t_ "github.com/rclone/rclone/${path}"\n`
    );
    const source = `package main\n\nimport (\n\t"github.com/rclone/rclone/cmd"\n${
      packages.join("")
    })\n\nfunc main() { cmd.Main() }\n`;
    await Deno.writeTextFile(join(folder, "main.go"), source);
    await must(go, ["mod", "init", "rclone-s3"], { cwd: folder });
    await must(go, ["get", `github.com/rclone/rclone@v${version}`], { cwd: folder });
    await must(go, ["mod", "tidy"], { cwd: folder });
    await must(go, ["build", "-o", "rclone", "."], { cwd: folder });
  });
  return join(folder, "rclone");
}

/** An S3 server on loopback. */
export interface S3Server extends AsyncDisposable {
  readonly url: string;
  /** The certificate that it shows, as a file. */
  readonly certificate: string;
  readonly client: Deno.HttpClient;
  /** Method and kind of each request so far. */
  requests(): Promise<string[]>;
}

/** moto; gives its server program. */
export async function moto(): Promise<string> {
  await onPath("openssl");
  return join(await aws(), "moto_server");
}

/** Starts one with an empty bucket. By HTTPS, as S3 is: by HTTP rclone uploads in another way, and fails. */
export async function s3Server(program: string, bucket: string): Promise<S3Server> {
  const folder = await Deno.makeTempDir({ prefix: "openclaw-s3-" });
  const [certificate, key, log] = ["certificate.pem", "key.pem", "log"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await must(await onPath("openssl"), [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost".split(" "),
    // No authority: Deno takes none for a server's own certificate.
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
  ]);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const process = new Deno.Command("sh", {
    args: [
      "-c",
      'exec "$0" -H 127.0.0.1 -p "$1" -c "$2" -k "$3" >"$4" 2>&1',
      program,
      String(port),
      certificate,
      key,
      log,
    ],
    stdin: "null",
  }).spawn();
  const client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(certificate)] });
  const url = `https://127.0.0.1:${port}`;
  const server: S3Server = {
    url,
    certificate,
    client,
    requests: async () =>
      [...stripVTControlCharacters(await Deno.readTextFile(log)).matchAll(/"(GET|PUT|POST|HEAD|DELETE) ([^ ]*) HTTP/g)]
        .map((
          [, method, path],
        ) => `${method} ${path?.includes("list-type=2") ? "list" : path?.split("?")[0]}`),
    [Symbol.asyncDispose]: async () => {
      client.close();
      process.kill("SIGTERM");
      await process.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    await untilUp(server, bucket);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function untilUp({ url, client }: S3Server, bucket: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const made = await fetch(`${url}/${bucket}`, { method: "PUT", client }).catch(() => undefined);
    await made?.body?.cancel();
    if (made?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("moto was not up in 60 s");
}
