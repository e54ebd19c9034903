/**
 * `deno task e2e`: runs the generated files on a real Kubernetes cluster: the tests' own, or one that the user names.
 *
 * @module
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { connect } from "../src/cluster/kubectl.ts";
import { thisMachine } from "../src/cluster/machine.ts";
import { TrialFailed } from "../src/commands/trial/failed.ts";
import { readOverlay } from "../src/commands/trial/overlay.ts";
import { refuseProduction } from "../src/commands/trial/refuse_production.ts";
import { checkTools } from "../src/commands/trial/tools.ts";
import { runOnGiven, runSuites } from "../tests/support/cluster/run_suites.ts";
import { suites } from "../tests/support/cluster/suites.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task e2e [SUITE...] [--context NAME [--kubeconfig FILE] [--yes]]

Runs the suites of tests/e2e on a one-node Kubernetes that they start themselves (needs root on Linux). Default: all of
${(await suites()).map(({ name }) => name).join(", ")}

  --context NAME     run those that can on your cluster, and list the others; all that they create there is deleted
  --kubeconfig FILE  the kubeconfig with the context (default: kubectl's own)
  --yes              also on a cluster that kind has not created`;

await run(USAGE, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { context: { type: "string" }, kubeconfig: { type: "string" }, yes: { type: "boolean", default: false } },
  });
  const { context, kubeconfig } = values;
  const known = await suites();
  const unknown = positionals.find((name) => !known.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    throw new UsageError(`unknown suite "${unknown}"; expected one of: ${known.map(({ name }) => name).join(", ")}`);
  }
  const chosen = positionals.length === 0 ? known : known.filter(({ name }) => positionals.includes(name));
  if (context === undefined) {
    if (kubeconfig !== undefined || values.yes) throw new UsageError("--kubeconfig and --yes require --context NAME");
    return await runSuites(chosen);
  }
  for (const { name, ownOnly } of chosen) if (ownOnly !== undefined) console.log(`skipped: ${name}, ${ownOnly}`);
  const possible = chosen.filter(({ ownOnly }) => ownOnly === undefined);
  if (possible.length === 0) throw new UsageError("none of these suites can run on a given cluster");
  if (kubeconfig !== undefined) Deno.env.set("KUBECONFIG", kubeconfig);
  await checkTools(thisMachine, ["kubectl"]);
  const kubectl = await connect(context);
  await refuseProduction(kubectl, (await readOverlay(thisMachine)).namespaces);
  if (!values.yes && !context.startsWith("kind-")) {
    throw new TrialFailed(
      `${context} is not a kind cluster, and the suites create and delete namespaces there; nothing was changed (add --yes to continue)`,
    );
  }
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "kubeconfig");
    const alone = await kubectl.run(["config", "view", "--raw", "--minify", "--flatten"]);
    await Deno.writeTextFile(path, alone, { mode: 0o600 });
    return await runOnGiven(path, possible);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
