/**
 * A certificate authority of a test, and a certificate of it for some hosts.
 *
 * @module
 */

import { join } from "node:path";
import { runOrThrow } from "../tools.ts";
import { tempDir } from "../temp_dir.ts";

/** In PEM. */
export interface Certificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes both, for two days. */
export async function certificateFor(...hosts: readonly string[]): Promise<Certificate> {
  await using folder = await tempDir();
  const openssl = (...args: string[]) => runOrThrow("openssl", args, { cwd: folder.path });
  const key = (name: string) => openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
  await key("ca");
  await openssl(...["req", "-x509", "-new", "-key", "ca.key", "-days", "2", "-subj", "/CN=test", "-out", "ca.crt"]);
  await key("host");
  await openssl("req", "-new", "-key", "host.key", "-subj", `/CN=${hosts[0]}`, "-out", "host.csr");
  await Deno.writeTextFile(
    join(folder.path, "ext"),
    `extendedKeyUsage=serverAuth\nsubjectAltName=${hosts.map((host) => `DNS:${host}`)}\n`,
  );
  const ca = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext"];
  await openssl("x509", "-req", "-in", "host.csr", ...ca, "-out", "host.crt");
  const read = (name: string) => Deno.readTextFile(join(folder.path, name));
  return { ca: await read("ca.crt"), cert: await read("host.crt"), key: await read("host.key") };
}
