/**
 * `deno task restore`: lists the archives of a live deployment, tests one, or restores one.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { connect, requireNamespace } from "../src/cluster/kubectl.ts";
import { buildModel, workloadOf } from "../src/model/model.ts";
import { drill, type Environment, listArchives, restore } from "../src/commands/restore/restore.ts";
import { readConfig } from "./config.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task restore --context NAME --list
       deno task restore --context NAME --drill [--archive NAME]
       deno task restore --context NAME --archive NAME [--yes]

Works on a live deployment, through kubectl and the CronJob openclaw-backup.

  --list            list the archives on the state volume
  --drill           restore an archive into a temporary pod and read it there, without touching the assistant
  --archive NAME    the archive, or "latest" (the default of --drill). Without --drill the gateway restarts with the
                    archive's state, and the current state is kept next to it
  --yes             do not ask for confirmation
  --dry-run         print the commands that would change something, without running them
  --context NAME    context of the kubeconfig (kubectl config get-contexts)
  --namespace NAME  default: the namespace of pack.yaml
  --config FILE     the configuration (default: pack.yaml of this project)`;

await run(USAGE, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      list: { type: "boolean", default: false },
      drill: { type: "boolean", default: false },
      archive: { type: "string" },
      yes: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      context: { type: "string" },
      namespace: { type: "string" },
      config: { type: "string" },
    },
  });
  if (values.list && (values.drill || values.archive !== undefined)) {
    throw new UsageError("--list cannot be combined with --drill or --archive");
  }
  if (!values.list && !values.drill && values.archive === undefined) {
    throw new UsageError("one of --list, --drill or --archive is required");
  }
  const { context } = values;
  if (context === undefined) {
    throw new UsageError("--context is required, because kubectl's current context may be another cluster");
  }
  const model = await buildModel((await readConfig(values.config)).config);
  const namespace = values.namespace ?? model.config.cluster.namespace;
  const kubectl = await connect(context);
  await requireNamespace(kubectl, namespace);
  const env: Environment = {
    kubectl,
    namespace,
    gateway: workloadOf(model, "openclaw"),
    dryRun: values["dry-run"],
    print: console.log,
    confirm: (question) => values.yes || ask(question),
  };
  if (values.list) await listArchives(env);
  else if (values.drill) await drill(env, values.archive ?? "latest");
  else await restore(env, values.archive ?? "latest");
  return 0;
});

function ask(question: string): boolean {
  if (!Deno.stdin.isTerminal()) throw new UsageError(`${question}\nstdin is not a terminal; add --yes to continue`);
  return confirm(question);
}
