/**
 * A way out of a pod's network namespace, for as long as an image is built: user-mode networking by slirp4netns, which leaves the
 * machine's own addresses, routes and rules alone.
 *
 * @module
 */

import { join } from "node:path";
import { must } from "../judges/parts.ts";
import { debianPackage } from "./debian.ts";

/** Where slirp4netns answers for the machine's own resolver. */
const DNS = "10.0.2.3";

/** Opens it; closed by disposing. Containers behind docker's bridge get the machine's DNS, whatever their resolv.conf says. */
export async function internet(namespace: string): Promise<AsyncDisposable> {
  const path = `/run/netns/${namespace}`;
  const libraries = join(await debianPackage("libslirp0"), "usr/lib/x86_64-linux-gnu");
  const child = new Deno.Command(join(await debianPackage("slirp4netns"), "usr/bin/slirp4netns"), {
    args: ["--configure", "--mtu=1500", "--disable-host-loopback", "--ready-fd=1", "--netns-type=path", path, "tap0"],
    env: { LD_LIBRARY_PATH: libraries },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const close = async () => {
    child.kill("SIGTERM");
    await child.status;
  };
  // It writes one byte when it is ready.
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  await reader.cancel();
  if (done) throw new Error(`slirp4netns ended with exit status ${(await child.status).code}`);
  try {
    const rule = ["-t", "nat", "-A", "PREROUTING", "-p", "udp", "--dport", "53", "-j", "DNAT", "--to", DNS];
    await must("nsenter", [`--net=${path}`, "iptables", "-w", ...rule]);
  } catch (error) {
    await close();
    throw error;
  }
  return { [Symbol.asyncDispose]: close };
}
