/**
 * A cluster to try things on manually: `deno run --allow-all tests/support/cluster/up.ts [REFERENCE...]` starts one with the images that
 * are named, prints what to set, and ends it on Ctrl-C. With `--like-kind` it can take the place of a kind cluster:
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
