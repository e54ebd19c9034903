/**
 * Starts a cluster for manual tests: `deno run --allow-all tests/support/cluster/up.ts [REFERENCE...]` adds the named images,
 * prints the variable to set, and stops the cluster on Ctrl-C. With `--like-kind` it replaces a kind cluster:
 * `deno task e2e --context cluster --yes` runs on it.
 *
 * @module
 */

import { startCluster } from "./cluster.ts";
import { startLikeKind } from "./like_kind.ts";
import { clusterRuntime } from "./needs.ts";

const stop = Promise.withResolvers<void>();
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop.resolve());
const images = Deno.args.filter((arg) => arg !== "--like-kind");
await clusterRuntime();
await using cluster = await (images.length < Deno.args.length ? startLikeKind() : startCluster());
await cluster.addImages(images);
console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
await stop.promise;
