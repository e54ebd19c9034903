/**
 * Internet access for a pod's network namespace while an image is built: user-mode networking with slirp4netns, which does not
 * change the machine's addresses, routes and rules.
 *
 * @module
 */

import { join } from "node:path";
import { debianPackage } from "./debian.ts";

/** The address at which slirp4netns forwards to the machine's resolver: the `nameserver` of the pod. */
export const INTERNET_DNS = "10.0.2.3";

/** Enables internet access until disposed. */
export async function internet(namespace: string): Promise<AsyncDisposable> {
  const path = `/run/netns/${namespace}`;
  const libraries = join(await debianPackage("libslirp0"), "usr/lib/x86_64-linux-gnu");
  const flags = ["--configure", "--mtu=1500", "--disable-host-loopback", "--ready-fd=1", "--exit-fd=0"];
  const child = new Deno.Command(join(await debianPackage("slirp4netns"), "usr/bin/slirp4netns"), {
    args: [...flags, "--netns-type=path", path, "tap0"],
    env: { LD_LIBRARY_PATH: libraries },
    // It exits with its standard input, and therefore with this process.
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const close = async () => {
    await child.stdin.close();
    await child.status;
  };
  // slirp4netns writes one byte when it is ready.
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  await reader.cancel();
  if (done) throw new Error(`slirp4netns ended with exit status ${(await child.status).code}`);
  return { [Symbol.asyncDispose]: close };
}
