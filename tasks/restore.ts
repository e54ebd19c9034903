/**
 * `deno task restore`: lists the archives of a live deployment, tries one, or puts one in place.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { buildModel, workloadOf } from "../src/model/model.ts";
import { type Kubectl, kubectl, type Target } from "../src/restore/kubectl.ts";
import { drill, type Environment, listArchives, restore } from "../src/restore/restore.ts";
import { readConfig } from "./config.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task restore --list
       deno task restore --drill [--archive NAME]
       deno task restore --archive NAME [--yes]

Works on a live deployment, through kubectl and the CronJob openclaw-backup.

  --list            the archives on the state volume
  --drill           restore an archive into a throw-away pod and read it there; the assistant notices nothing
  --archive NAME    the archive, or "latest" (what --drill takes without it); without --drill it is put in place:
                    the gateway restarts with the archive's state, and the present state is kept beside it
  --yes             do not ask
  --dry-run         print the commands that would change something, and run none of them
  --context NAME    context of the kubeconfig (default: kubectl's current one)
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
  if (values.list && (values.drill || values.archive !== undefined)) throw new UsageError("--list stands alone");
  if (!values.list && !values.drill && values.archive === undefined) {
    throw new UsageError("name what to do: --list, --drill, or --archive NAME");
  }
  const model = await buildModel((await readConfig(values.config)).config);
  const namespace = values.namespace ?? model.config.cluster.namespace;
  const target: Target = { context: values.context ?? await currentContext(kubectl({ namespace })), namespace };
  const env: Environment = {
    target,
    kubectl: kubectl(target),
    gateway: workloadOf(model, "openclaw"),
    dryRun: values["dry-run"],
    say: console.log,
    confirm: (question) => values.yes || ask(question),
  };
  if (values.list) await listArchives(env);
  else if (values.drill) await drill(env, values.archive ?? "latest");
  else await restore(env, values.archive ?? "latest");
  return 0;
});

async function currentContext(kubectl: Kubectl): Promise<string> {
  return (await kubectl(["config", "current-context"])).trim();
}

function ask(question: string): boolean {
  if (!Deno.stdin.isTerminal()) throw new UsageError(`${question}\nThere is nobody to ask here: add --yes to go on`);
  return confirm(question);
}
