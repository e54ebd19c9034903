/**
 * `deno task trial`: runs the assistant on the user's machine, or in a cluster that they name.
 *
 * @module
 */

import { dirname } from "node:path";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { buildModel } from "../src/model/model.ts";
import { applyOverlay } from "../src/commands/trial/apply.ts";
import { chat } from "../src/commands/trial/chat.ts";
import { connect, type Kubectl } from "../src/cluster/kubectl.ts";
import { takeSnapshot } from "../src/cluster/snapshot.ts";
import { deleteOverlay } from "../src/commands/trial/down.ts";
import { parseDuration, showDuration } from "../src/values/duration.ts";
import { explain } from "../src/commands/trial/explain.ts";
import { createKindCluster, deleteKindCluster, hasKindCluster, KIND_CONTEXT } from "../src/cluster/kind_cluster.ts";
import { thisMachine } from "../src/cluster/machine.ts";
import { TrialFailed } from "../src/commands/trial/failed.ts";
import { ownOverlay } from "../src/commands/trial/user_overlay.ts";
import { openGateway } from "../src/commands/trial/open.ts";
import { type Gateway, OWN_OVERLAY, readOverlay } from "../src/commands/trial/overlay.ts";
import { refuseForeignNamespaces } from "../src/commands/trial/ownership.ts";
import { refuseProduction } from "../src/commands/trial/refuse_production.ts";
import { lineScreen, liveScreen, type Screen, statusTable } from "../src/commands/trial/screen.ts";
import { checkTools } from "../src/commands/trial/tools.ts";
import { watch } from "../src/commands/trial/watch.ts";
import { workloadStates } from "../src/cluster/workload_state.ts";
import { readConfig } from "./config.ts";
import { run, UsageError } from "./run.ts";

const USAGE = `Usage: deno task trial COMMAND

  up [--context NAME] [--timeout 15m]     start the trial in its own kind cluster, or in the cluster of a context
  status [--context NAME]                 print what each pod waits for; exit with 1 unless all are available
  chat [--context NAME] "MESSAGE"         send the assistant one message
  open [--context NAME] [--port 18789]    open the web UI on this machine, until Ctrl-C
  init                                    create ${OWN_OVERLAY} for your own values
  down [--context NAME] [--yes]           delete the trial with all its data

The default context is ${KIND_CONTEXT}, never the current one. Needs kubectl, and without --context also docker and kind.`;

type Options = Record<string, string | boolean | undefined>;
interface Command {
  readonly options: ParseArgsOptionsConfig;
  readonly words?: number;
  run(options: Options, words: readonly string[]): Promise<number>;
}

const context = { context: { type: "string" } } as const;
const COMMANDS: Record<string, Command> = {
  up: { options: { ...context, timeout: { type: "string" } }, run: up },
  status: { options: context, run: status },
  chat: { options: context, words: 1, run: talk },
  open: { options: { ...context, port: { type: "string" } }, run: open },
  init: { options: {}, run: init },
  down: { options: { ...context, yes: { type: "boolean" } }, run: down },
};

await run(USAGE, async ([name, ...args]) => {
  const command = name === undefined || !Object.hasOwn(COMMANDS, name) ? undefined : COMMANDS[name];
  if (command === undefined) {
    const commands = Object.keys(COMMANDS).join(", ");
    throw new UsageError(
      name === undefined
        ? `a command is required: ${commands}`
        : `unknown command "${name}"; expected one of: ${commands}`,
    );
  }
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: command.options });
  const words = command.words ?? 0;
  if (positionals.length > words) {
    throw new UsageError(
      `unexpected argument "${positionals[words]}"${words === 0 ? "" : "; put the message in quotes"}`,
    );
  }
  if (positionals.length < words || positionals.some((word) => word.trim() === "")) {
    throw new UsageError("chat needs a message");
  }
  return await command.run(values as Options, positionals);
});

async function up(options: Options): Promise<number> {
  const timeout = parseDuration(String(options.timeout ?? "15m"));
  if (timeout === undefined) {
    throw new UsageError(`--timeout: invalid duration "${options.timeout}"; expected a value such as 90s, 15m or 1h`);
  }
  const own = options.context === undefined;
  await checkTools(thisMachine, own ? ["docker", "kind", "kubectl"] : ["kubectl"]);
  const overlay = await readOverlay(thisMachine);
  if (own && !await hasKindCluster(thisMachine)) await createKindCluster(thisMachine, console.error);
  const kubectl = await connect(contextOf(options));
  await refuseProduction(kubectl, overlay.namespaces);
  await refuseForeignNamespaces(kubectl, overlay.namespaces);
  const applied = await applyOverlay(kubectl, overlay);
  console.error(
    `${overlay.path} in ${kubectl.context}: ${applied.objects} objects, ${applied.changed} created or changed`,
  );
  for (const name of applied.restarted) console.error(`${name} restarts: its Secret changed`);
  const result = await watch(thisMachine, kubectl, overlay, screen(), timeout);
  if (result.why !== undefined) {
    console.error(`\nfailed after ${showDuration(result.seconds)}: ${result.why}`);
    for (const line of await explain(kubectl, result.snapshot, result.failing)) console.error(line);
    return 1;
  }
  console.log(`ready after ${showDuration(result.seconds)}\n${nextSteps(options, kubectl, overlay.gateway)}`);
  return 0;
}

/** Returns the commands to use a running trial. Does not show the token, which may be the user's own. */
function nextSteps(options: Options, { context }: Kubectl, { namespace, port, token }: Gateway): string {
  const task = (command: string, more = "") =>
    `deno task trial ${command}${options.context === undefined ? "" : ` --context ${context}`}${more}`;
  const template = `go-template='{{.data.${token.key} | base64decode}}{{"\\n"}}'`;
  return [
    ["talk to it", task("chat", ' "hello"')],
    [`web UI, on port ${port}`, task("open")],
    ["its token", `kubectl --context ${context} -n ${namespace} get secret ${token.secret} -o ${template}`],
    ["delete it", task("down")],
  ].map(([what = "", how]) => `  ${what.padEnd(22)} ${how}`).join("\n");
}

async function status(options: Options): Promise<number> {
  const { kubectl, overlay } = await existingTrial(options);
  const states = workloadStates(await takeSnapshot(kubectl, overlay.namespaces), overlay.workloads);
  console.log(statusTable(states, new Date()));
  return states.every(({ wait }) => wait === undefined) ? 0 : 1;
}

async function talk(options: Options, [message = ""]: readonly string[]): Promise<number> {
  const { kubectl, overlay } = await existingTrial(options);
  console.log(await chat(kubectl, overlay.gateway, message));
  return 0;
}

async function open(options: Options): Promise<number> {
  const { kubectl, overlay } = await existingTrial(options);
  const text = String(options.port ?? overlay.gateway.port);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) {
    throw new UsageError(`--port: invalid port "${text}"; expected a number from 1 to 65535`);
  }
  await openGateway(kubectl, overlay.gateway, port, (url) => {
    console.log(`${url}  (press Ctrl-C to stop)`);
  });
  return 0;
}

async function init(): Promise<number> {
  const { config } = await readConfig();
  for (const { path, text } of ownOverlay(await buildModel(config))) {
    await Deno.mkdir(dirname(path), { recursive: true });
    try {
      // The user writes real keys into it.
      await Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
      console.log(`${path}: written`);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      console.log(`${path}: already exists, and was kept`);
    }
  }
  console.log(`put your values into ${OWN_OVERLAY}/kustomization.yaml, then: deno task trial up`);
  return 0;
}

async function down(options: Options): Promise<number> {
  const own = options.context === undefined;
  await checkTools(thisMachine, own ? ["docker", "kind", "kubectl"] : ["kubectl"]);
  if (own && !await hasKindCluster(thisMachine)) {
    console.log("no trial found");
    return 0;
  }
  const overlay = await readOverlay(thisMachine);
  const kubectl = await connect(contextOf(options));
  await refuseProduction(kubectl, overlay.namespaces);
  const what = own
    ? `the cluster ${KIND_CONTEXT}`
    : `namespace ${overlay.namespaces.join(" and ")} in ${kubectl.context}`;
  if (options.yes !== true) {
    if (!Deno.stdin.isTerminal()) {
      throw new UsageError(`down deletes ${what}, and stdin is not a terminal; add --yes to continue`);
    }
    if (!confirm(`delete ${what}, including all data?`)) return 1;
  }
  if (own) {
    await deleteKindCluster(thisMachine);
    console.log(`${what} is deleted`);
    return 0;
  }
  await refuseForeignNamespaces(kubectl, overlay.namespaces);
  const { why, left, kept } = await deleteOverlay(kubectl, overlay, 300);
  if (why === undefined && kept.length > 0) {
    console.log(`the trial is deleted; ${what} stays, because no trial created: ${kept.join(", ")}`);
    return 0;
  }
  if (why === undefined && left.length === 0) {
    console.log(`${what} is deleted; nothing is left`);
    return 0;
  }
  throw new TrialFailed([why, `still exists: ${left.join(", ") || "nothing"}`].filter(Boolean).join("\n"));
}

/** Finds the existing trial. */
async function existingTrial(options: Options) {
  await checkTools(thisMachine, ["kubectl"]);
  const overlay = await readOverlay(thisMachine);
  return { overlay, kubectl: await connect(contextOf(options), "deno task trial up starts a trial") };
}

function contextOf({ context }: Options): string {
  return typeof context === "string" ? context : KIND_CONTEXT;
}

/** Returns a live screen for a terminal, and a screen of lines for CI and everything else. */
function screen(): Screen {
  const live = Deno.stderr.isTerminal() && !Deno.env.has("CI") && Deno.env.get("TERM") !== "dumb";
  if (!live) return lineScreen(console.error);
  const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  return liveScreen(write, () => Deno.consoleSize().columns, !Deno.noColor);
}
