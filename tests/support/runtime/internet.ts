/**
 * A way out of a pod's network namespace, for as long as an image is built: user-mode networking by slirp4netns, which leaves the
 * machine's own addresses, routes and rules alone.
 *
 * @module
 */

import { join } from "node:path";
import { debianPackage } from "./debian.ts";

/** Where slirp4netns answers for the machine's own resolver: the `nameserver` of a pod that is given this way out. */
export const INTERNET_DNS = "10.0.2.3";

/** Opens it; closed by disposing. */
export async function internet(namespace: string): Promise<AsyncDisposable> {
  const path = `/run/netns/${namespace}`;
  const libraries = join(await debianPackage("libslirp0"), "usr/lib/x86_64-linux-gnu");
  const flags = ["--configure", "--mtu=1500", "--disable-host-loopback", "--ready-fd=1", "--exit-fd=0"];
  const child = new Deno.Command(join(await debianPackage("slirp4netns"), "usr/bin/slirp4netns"), {
    args: [...flags, "--netns-type=path", path, "tap0"],
    env: { LD_LIBRARY_PATH: libraries },
    // It ends with it, and so with this process too.
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const close = async () => {
    await child.stdin.close();
    await child.status;
  };
  // It writes one byte when it is ready.
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  await reader.cancel();
  if (done) throw new Error(`slirp4netns ended with exit status ${(await child.status).code}`);
  return { [Symbol.asyncDispose]: close };
}
