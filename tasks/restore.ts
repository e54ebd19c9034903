/**
 * `deno task restore`: lists the archives of a live deployment, tests one, or restores one.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { connect, requireNamespace } from "../src/cluster/kubectl.ts";
import { buildModel, workloadOf } from "../src/model/model.ts";
import { isArchive } from "../src/commands/restore/archives.ts";
import { RestoreFailed } from "../src/commands/restore/failed.ts";
import {
  cancelRestore,
  drill,
  type Environment,
  listArchives,
  restore,
  restoreQuestion,
} from "../src/commands/restore/restore.ts";
import { withCleanup } from "./cleanup.ts";
import { readConfig } from "./config.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task restore --context NAME --list
       deno task restore --context NAME --drill [--archive NAME]
       deno task restore --context NAME --archive NAME [--yes]
       deno task restore --context NAME --cancel

Works on a live deployment, through kubectl and the CronJob openclaw-backup.

  --list            list the archives, with their sizes and whether a restore test has succeeded (good)
  --drill           restore an archive into a scratch folder and read it there, without touching the assistant
  --archive NAME    the archive of the state, or "latest", the newest good one (the default of --drill). Its workspace
                    belongs to it. Without --drill the gateway restarts with the archive's state and workspace, and the
                    current ones are kept next to them
  --cancel          call off a restore that was prepared, before the gateway's next start installs it
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
      cancel: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      context: { type: "string" },
      namespace: { type: "string" },
      config: { type: "string" },
    },
  });
  const { list, cancel, archive } = values;
  if ((list || cancel) && (list && cancel || values.drill || archive !== undefined)) {
    throw new UsageError(`${list ? "--list" : "--cancel"} cannot be combined with another command`);
  }
  if (!list && !cancel && !values.drill && archive === undefined) {
    throw new UsageError("one of --list, --drill, --archive or --cancel is required");
  }
  if (archive !== undefined && !isArchive(archive)) {
    throw new UsageError(
      `--archive: no archive is called ${
        JSON.stringify(archive)
      }; expected latest or a name such as openclaw-20261122T181700Z.tar.gz`,
    );
  }
  const { context } = values;
  if (context === undefined) {
    throw new UsageError("--context is required, because kubectl's current context may be another cluster");
  }
  const model = await buildModel((await readConfig(values.config)).config);
  const namespace = values.namespace ?? model.config.cluster.namespace;
  const kubectl = await connect(context);
  await requireNamespace(kubectl, namespace);
  const dryRun = values["dry-run"];
  const restores = archive !== undefined && !values.drill;
  // Asked before Ctrl-C has a handler: the question blocks, and no handler would run.
  if (restores && !values.yes && !dryRun && !ask(restoreQuestion({ kubectl, namespace }, archive))) {
    throw new RestoreFailed("nothing was changed");
  }
  return await withCleanup(async (cleanup) => {
    const gateway = workloadOf(model, "openclaw");
    const env: Environment = { kubectl, namespace, gateway, dryRun, cleanup, print: console.log };
    if (list) await listArchives(env);
    else if (cancel) await cancelRestore(env);
    else if (values.drill) await drill(env, archive ?? "latest");
    else await restore(env, archive ?? "latest");
    return 0;
  });
});

function ask(question: string): boolean {
  if (!Deno.stdin.isTerminal()) throw new UsageError(`${question}\nstdin is not a terminal; add --yes to continue`);
  return confirm(question);
}
