/**
 * Reads a container's memory from the kernel.
 *
 * @module
 */

import { join } from "node:path";
import { runOrThrow } from "../tools.ts";

/** Memory of a container, in bytes. */
export interface Memory {
  readonly limit: number;
  readonly peak: number;
  /** Without page cache. */
  readonly rss: number;
}

/** Returns the memory of a container, from cgroup v1 or v2. */
export async function memoryOf(pod: string, container: string): Promise<Memory> {
  const path = `${pod}/${container}`;
  const [v1, v2] = [`/sys/fs/cgroup/memory/${path}`, `/sys/fs/cgroup/${path}`];
  const isV1 = await Deno.stat(v1).then(() => true, () => false);
  const read = async (name: string) => (await runOrThrow("cat", [join(isV1 ? v1 : v2, name)])).stdout;
  const stat = await read("memory.stat");
  return {
    limit: Number(await read(isV1 ? "memory.limit_in_bytes" : "memory.max")),
    peak: Number(await read(isV1 ? "memory.max_usage_in_bytes" : "memory.peak")),
    rss: Number(stat.match(isV1 ? /^total_rss (\d+)$/m : /^anon (\d+)$/m)?.[1]),
  };
}
