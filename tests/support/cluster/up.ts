/**
 * A cluster to try things on by hand: `deno run --allow-all tests/support/cluster/up.ts [REFERENCE...]` starts one with the images that are
 * named, prints what to set, and ends it on Ctrl-C. A suite that runs against `OPENCLAW_PACK_KUBECONFIG` can use it, too.
 *
 * @module
 */

import { startCluster } from "./cluster.ts";
import { clusterRuntime } from "./needs.ts";

const stop = Promise.withResolvers<void>();
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.resolve());
await clusterRuntime();
await using cluster = await startCluster();
await cluster.addImages(Deno.args);
console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
await stop.promise;
