/**
 * `deno task verify`: checks a live deployment against pack.yaml.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { PackConfig } from "../src/config/schema.ts";
import { connect, requireNamespace } from "../src/cluster/kubectl.ts";
import { buildModel } from "../src/model/model.ts";
import { OVERLAYS } from "../src/commands/verify/expected.ts";
import { formatResult, formatSummary } from "../src/commands/verify/results.ts";
import { PUBLIC_ADDRESS } from "../src/commands/verify/surroundings.ts";
import { detectOverlay, verify } from "../src/commands/verify/verify.ts";
import { withCleanup } from "./cleanup.ts";
import { readConfig } from "./config.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task verify --context NAME [options]

Checks a live deployment against pack.yaml: pods, secrets, volumes, and every connection that is allowed or refused. It
changes nothing, except that probe pods run for a few seconds. Exits with 1 if any check fails.

  --context NAME       context of the kubeconfig (kubectl config get-contexts)
  --namespace NAME     where it is deployed (default: cluster.namespace of pack.yaml)
  --config FILE        the configuration (default: pack.yaml of this project)
  --overlay NAME       ${OVERLAYS.join(", ")} (default: the one found there)
  --offline            skip the internet, for a cluster that cannot reach it
  --internet ADDRESS   a public address to connect to instead of ${PUBLIC_ADDRESS}
  --shut HOST:PORT     another address that must be blocked for every pod, such as a router's; may be repeated
  --json               print the results as a list of {check, subject, status, reason, seconds}`;

await run(USAGE, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      context: { type: "string" },
      namespace: { type: "string" },
      config: { type: "string" },
      overlay: { type: "string" },
      offline: { type: "boolean", default: false },
      internet: { type: "string", default: PUBLIC_ADDRESS },
      shut: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  const { context } = values;
  if (context === undefined) {
    throw new UsageError("--context is required, because kubectl's current context may be another cluster");
  }
  const named = OVERLAYS.find((name) => name === values.overlay);
  if (named === undefined && values.overlay !== undefined) {
    throw new UsageError(`--overlay: unknown overlay "${values.overlay}"; expected one of: ${OVERLAYS.join(", ")}`);
  }
  const shut = values.shut.map(hostAndPort);
  const { config } = await readConfig(values.config);
  const model = await buildModel(inNamespace(config, values.namespace));
  const kubectl = await connect(context);
  await requireNamespace(kubectl, model.config.cluster.namespace);
  const overlay = named ?? await detectOverlay(kubectl, model);
  if (!values.json) console.log(`${context}, namespace ${model.config.cluster.namespace}, overlays/${overlay}`);
  return await withCleanup(async (cleanup) => {
    const results = await verify(kubectl, {
      model,
      overlay,
      world: { internet: values.offline ? undefined : values.internet, shut },
      cleanup,
      report: (found) => values.json || found.forEach((result) => console.log(formatResult(result))),
    });
    console.log(values.json ? JSON.stringify(results, null, 2) : formatSummary(results));
    return results.some(({ status }) => status === "fail") ? 1 : 0;
  });
});

function inNamespace(config: PackConfig, namespace?: string): PackConfig {
  return namespace === undefined ? config : { ...config, cluster: { ...config.cluster, namespace } };
}

function hostAndPort(text: string): { host: string; port: number } {
  const [, host, port] = text.match(/^(.+):(\d{1,5})$/) ?? [];
  if (host === undefined) throw new UsageError(`--shut ${text}: expected HOST:PORT, such as 192.168.1.1:80`);
  return { host, port: Number(port) };
}
