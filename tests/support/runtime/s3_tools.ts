/**
 * An S3 server and the rclone of the generated backup.
 *
 * @module
 */

import { join } from "node:path";
import { startMoto } from "../moto.ts";
import { aws, installed, onPath, runOrThrow } from "../tools.ts";
import { tempDir } from "../temp_dir.ts";

/**
 * The real rclone with only the two backends that the backup uses, from its Go module; a complete build takes 30 times as long.
 */
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
    await runOrThrow(go, ["mod", "init", "rclone-s3"], { cwd: folder });
    await runOrThrow(go, ["get", `github.com/rclone/rclone@v${version}`], { cwd: folder });
    await runOrThrow(go, ["mod", "tidy"], { cwd: folder });
    await runOrThrow(go, ["build", "-o", "rclone", "."], { cwd: folder });
  });
  return join(folder, "rclone");
}

/** An S3 server on loopback. */
export interface S3Server extends AsyncDisposable {
  readonly url: string;
  /** The path of its certificate. */
  readonly certificate: string;
  readonly client: Deno.HttpClient;
  /** Returns the method and kind of each request so far. */
  requests(): string[];
}

/** Checks the programs for moto and its certificate, and returns the folder of moto's program. */
export async function moto(): Promise<string> {
  await onPath("openssl");
  return await aws();
}

/** Starts a server with an empty bucket. It uses HTTPS, like S3, because over HTTP rclone uploads differently and fails. */
export async function s3Server(folder: string, bucket: string): Promise<S3Server> {
  const stack = new AsyncDisposableStack();
  try {
    const dir = stack.use(await tempDir());
    const tls = { certificate: join(dir.path, "certificate.pem"), key: join(dir.path, "key.pem") };
    await runOrThrow(await onPath("openssl"), [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost".split(" "),
      // Not a CA certificate, because Deno does not accept one as a server's certificate.
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tls.key, "-out", tls.certificate],
    ]);
    const { url, log } = stack.use(await startMoto(folder, tls));
    const client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(tls.certificate)] });
    stack.defer(() => client.close());
    const made = await fetch(`${url}/${bucket}`, { method: "PUT", client });
    if (!made.ok) throw new Error(`the bucket: ${made.status} ${await made.text()}`);
    await made.body?.cancel();
    return {
      url,
      certificate: tls.certificate,
      client,
      requests: () =>
        [...log().matchAll(/"(GET|PUT|POST|HEAD|DELETE) ([^ ]*) HTTP/g)].map(([, method, path]) =>
          `${method} ${path?.includes("list-type=2") ? "list" : path?.split("?")[0]}`
        ),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
