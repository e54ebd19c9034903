import assert from "node:assert/strict";
import { parse } from "yaml";
import { type Kubectl, KubectlFailed } from "../../../../src/cluster/kubectl.ts";
import { workloadOf } from "../../../../src/model/model.ts";
import { archiveTable, isArchive } from "../../../../src/commands/restore/archives.ts";
import { RestoreFailed } from "../../../../src/commands/restore/failed.ts";
import { type CronJob, restorePod } from "../../../../src/commands/restore/pod.ts";
import {
  cancelRestore,
  drill,
  type Environment,
  listArchives,
  restore,
  restoreQuestion,
} from "../../../../src/commands/restore/restore.ts";
import { baseObjects, filesOf, type Json, modelOf, objectOf, S3, textOf } from "../../../support/support.ts";

const generated = async (input = {}): Promise<Json> =>
  parse(textOf(await filesOf(input), "kustomize/base/cronjob-openclaw-backup.yaml"));

/** A fake kubectl that records the commands and their order. It does not show that a cluster accepts them. */
interface Cluster {
  readonly cronJob?: Json;
  /** The gateway's pods, one list for each read. */
  readonly gateway?: readonly Json[][];
  /** The restore's pod, one state for each read. */
  readonly pod?: readonly Json[];
  readonly output?: string;
  /** A call that fails, with kubectl's message. */
  readonly fails?: readonly [call: RegExp, message: string];
}

function kubectlOf(run: (args: readonly string[], input?: string) => Promise<string>): Kubectl {
  const unused = () => Promise.reject(new Error("not used by a restore"));
  return { context: "kind-kind", run: (args, { input } = {}) => run(args, input), attempt: unused, forward: unused };
}

async function play(
  cluster: Cluster,
  act: (env: Environment) => Promise<void>,
  { dryRun = false, interruptedAt }: { dryRun?: boolean; interruptedAt?: RegExp } = {},
): Promise<{ calls: string[]; commands: string[]; said: string; manifest: Json; failed: string }> {
  const calls: string[] = [];
  const said: string[] = [];
  const looks = { gateway: 0, pod: 0 };
  /** What backup.sh was asked for. */
  const commands: string[] = [];
  const cleanup = new AsyncDisposableStack();
  const interrupted = Promise.withResolvers<void>();
  let manifest: Json;
  let failed = "";
  const next = (list: readonly Json[], what: keyof typeof looks) => list[Math.min(looks[what]++, list.length - 1)];
  try {
    const acted = act({
      namespace: "openclaw",
      gateway: workloadOf(await modelOf(), "openclaw"),
      dryRun,
      print: (line) => said.push(line),
      cleanup,
      pollEvery: 0,
      kubectl: kubectlOf((args, input) => {
        const [verb = "", what = "", name = ""] = args
          .filter((arg) => !/^--(namespace|request-timeout)=/.test(arg))
          .map((arg) => arg.replace(/openclaw-restore-[0-9a-f]{8}/, "RESTORE"));
        const call = [verb, what, name.startsWith("--selector") || verb === "delete" ? name : ""].join(" ").trim();
        if (verb !== "get") calls.push(call);
        if (interruptedAt?.test(call)) {
          interrupted.resolve();
          return new Promise(() => {});
        }
        if (cluster.fails?.[0].test(call)) return Promise.reject(new KubectlFailed(cluster.fails[1]));
        if (what === "cronjob") return Promise.resolve(cluster.cronJob ? JSON.stringify(cluster.cronJob) : "");
        if (what === "pods") {
          return Promise.resolve(JSON.stringify({ items: next(cluster.gateway ?? [[RUNNING]], "gateway") }));
        }
        if (verb === "create") {
          manifest = JSON.parse(input ?? "");
          commands.push(manifest.spec.containers[0].command.slice(2).join(" "));
          return Promise.resolve("created\n");
        }
        if (verb === "get") {
          const restoring = next(cluster.pod ?? [DONE], "pod");
          const gateway = next(cluster.gateway ?? [[RUNNING]], "gateway") as Json[];
          const items = [{ ...restoring, metadata: { name: manifest.metadata.name } }, ...gateway];
          return Promise.resolve(JSON.stringify({ items }));
        }
        return Promise.resolve(cluster.output ?? "");
      }),
    });
    await Promise.race([acted, interrupted.promise]);
  } catch (error) {
    if (!(error instanceof RestoreFailed || error instanceof KubectlFailed)) throw error;
    failed = error.message;
  }
  await cleanup.disposeAsync();
  return {
    calls,
    commands,
    said: said.join("\n").replaceAll(/openclaw-restore-[0-9a-f]{8}/g, "RESTORE"),
    manifest,
    failed,
  };
}

const SELECTOR = "--selector=app.kubernetes.io/name=openclaw,app.kubernetes.io/component=gateway";
/** The calls of one run of backup.sh. */
const RUN = ["create --filename=-", "logs RESTORE", "delete pod RESTORE"];
const GATEWAY = { "app.kubernetes.io/name": "openclaw", "app.kubernetes.io/component": "gateway" };
const pod = (phase: string, more: Json = {}) => ({
  kind: "Pod",
  metadata: { name: "p", labels: GATEWAY },
  spec: { nodeName: "n" },
  status: { phase, ...more },
});
const DONE = pod("Succeeded");
const RUNNING = pod("Running", { conditions: [{ type: "Ready", status: "True" }] });

Deno.test("a restore prepares the state, then restarts the gateway, and scales nothing", async () => {
  const gone: Json[] = [];
  const output = "restore: the restored state is in place\n[gateway] listening\n";
  const { calls, said, manifest, failed } = await play(
    { cronJob: await generated(), gateway: [[RUNNING], [RUNNING], gone, [pod("Pending")], [RUNNING]], output },
    (env) => restore(env, "latest"),
  );
  assert.equal(failed, "");
  assert.deepEqual(calls, [
    ...RUN,
    `delete pod ${SELECTOR}`,
    `logs ${SELECTOR}`,
  ]);
  assert.deepEqual(manifest.spec.containers[0].command, ["sh", "/backup/backup.sh", "prepare", "latest", "10"]);
  const end = ["restore: the restored state is in place", "the gateway is ready again, with the restored state"];
  assert.deepEqual(said.split("\n").slice(-2), end);
});

Deno.test("nothing is done while a backup runs", async () => {
  const running = { ...await generated(), status: { active: [{}] } };
  const busy = await play({ cronJob: running }, (env) => restore(env, "latest"));
  assert.deepEqual(busy.calls, []);
  assert.match(busy.failed, /a backup is running/);
});

Deno.test("the question names what is replaced, where", () => {
  const kubectl = kubectlOf(() => Promise.resolve(""));
  assert.match(
    restoreQuestion({ kubectl, namespace: "mine" }, "latest"),
    /^The newest good archive replaces the assistant's state and workspace in namespace mine, context kind-kind\./,
  );
});

Deno.test("a restore that cannot restart the gateway is called off", async () => {
  const refused: [RegExp, string] = [/^delete pod --selector/, 'User "me" cannot delete pods'];
  const { commands, calls, failed, said } = await play(
    { cronJob: await generated(), fails: refused, output: "the pending restore is cancelled" },
    (env) => restore(env, "latest"),
  );
  assert.equal(failed, 'User "me" cannot delete pods');
  assert.deepEqual(commands, ["prepare latest 10", "cancel"]);
  assert.deepEqual(calls.slice(-3), RUN);
  assert.match(said, /the pending restore is cancelled$/);
});

Deno.test("a restore that is interrupted deletes its pod, and says what the next start does", async () => {
  const cronJob = await generated();
  const early = await play({ cronJob }, (env) => restore(env, "latest"), { interruptedAt: /^logs / });
  assert.deepEqual(early.calls, RUN);
  assert.doesNotMatch(early.said, /call it off/);
  const late = await play({ cronJob }, (env) => restore(env, "latest"), { interruptedAt: /^delete pod --selector/ });
  assert.deepEqual(late.calls, [...RUN, `delete pod ${SELECTOR}`]);
  assert.match(
    late.said,
    /a start of the gateway within 10 min installs the restored state\nto call it off: deno task restore --context kind-kind --namespace openclaw --cancel$/,
  );
});

Deno.test("a restore is called off on demand", async () => {
  const { commands, calls, said } = await play(
    { cronJob: await generated(), output: "no restore is pending\n" },
    (env) => cancelRestore(env),
  );
  assert.deepEqual([commands, calls], [["cancel"], RUN]);
  assert.match(said, /no restore is pending$/);
});

Deno.test("an archive that cannot be restored leaves the gateway running and no pod behind", async () => {
  const { calls, failed } = await play(
    { cronJob: await generated(), pod: [pod("Pending"), pod("Failed")], output: "Archive could not be read" },
    (env) => restore(env, "openclaw-20261101T181700Z.tar.gz"),
  );
  assert.match(failed, /prepare openclaw-20261101T181700Z\.tar\.gz failed: Archive could not be read/);
  assert.deepEqual(calls, RUN);
});

Deno.test("without a running gateway, its next start installs the restored state", async () => {
  const { calls, said, manifest } = await play(
    { cronJob: await generated(), gateway: [[]] },
    (env) => restore(env, "latest"),
  );
  assert.equal(manifest.spec.affinity, undefined, "no gateway pod is running");
  assert.ok(!calls.some((call) => call.startsWith("delete pod --selector")));
  assert.match(said, /its next start installs the restored state/);
});

Deno.test("a restore test and a list do not touch the gateway", async () => {
  const cronJob = await generated();
  for (const act of [(env: Environment) => drill(env, "latest"), listArchives]) {
    const { calls, manifest } = await play({ cronJob }, act);
    assert.deepEqual(calls, RUN);
    assert.deepEqual(manifest.spec.affinity, cronJob.spec.jobTemplate.spec.template.spec.affinity);
  }
});

Deno.test("a dry run prints what would change, and changes nothing", async () => {
  const { calls, said } = await play({ cronJob: await generated() }, (env) => restore(env, "latest"), { dryRun: true });
  assert.deepEqual(calls, []);
  assert.match(said, /^kubectl --context=kind-kind --namespace=openclaw create --filename=- <<'EOF'$/m);
  assert.match(said, new RegExp(`^kubectl .* delete pod ${SELECTOR} --wait=true$`, "m"));
});

Deno.test("waiting prints the reason; a cluster without backups is reported", async () => {
  const unscheduled = pod("Pending", { conditions: [{ type: "PodScheduled", status: "False", message: "no room" }] });
  const { said } = await play({ cronJob: await generated(), pod: [unscheduled, unscheduled, DONE] }, listArchives);
  assert.deepEqual(said.match(/waiting for .*/g), ["waiting for pod/RESTORE to end: cannot be scheduled: no room"]);
  assert.match((await play({}, listArchives)).failed, /no CronJob openclaw-backup.*backup\.enabled/);
});

Deno.test("the pod of a restore is the backup's, without the key to the bucket", async () => {
  const cronJob: CronJob = objectOf(baseObjects(await filesOf(S3)), "CronJob", "openclaw-backup");
  const made = restorePod(cronJob, { args: ["list"], besideGateway: true, name: "x" });
  const template = cronJob.spec.jobTemplate.spec.template;
  assert.deepEqual(made.spec?.containers.map(({ name }) => name), ["backup"]);
  // Neither what reads the workspace, nor what copies to S3 or reports a failed night.
  assert.deepEqual(made.spec?.initContainers, undefined);
  assert.deepEqual(made.spec?.volumes, template.spec.volumes);
  assert.deepEqual(made.spec?.securityContext, template.spec.securityContext);
  assert.doesNotMatch(JSON.stringify(made), /secretKeyRef/);
  const other = structuredClone(cronJob) as Json;
  other.spec.jobTemplate.spec.template.spec.initContainers = [];
  assert.throws(() => restorePod(other, { args: ["list"], besideGateway: true, name: "x" }), /no container backup/);
});

Deno.test("archives are listed with date and size, whether they are good, and their workspace", () => {
  const list = [
    "openclaw-20261122T181700Z.tar.gz 5242880 good 12897485",
    "openclaw-20261121T181700Z.tar.gz 5242880 untested -",
  ];
  assert.deepEqual(archiveTable(list.join("\n")).split("\n"), [
    "openclaw-20261122T181700Z.tar.gz  2026-11-22 18:17:00 UTC      5.0 MiB  good      workspace 12.3 MiB",
    "openclaw-20261121T181700Z.tar.gz  2026-11-21 18:17:00 UTC      5.0 MiB  untested  no archive of the workspace",
    "",
  ]);
  assert.equal(archiveTable(""), "no archives yet\n");
});

Deno.test("only latest and names of the backup are archives", () => {
  for (const name of ["latest", "openclaw-20261122T181700Z.tar.gz"]) assert.ok(isArchive(name), name);
  for (
    const name of [
      "",
      "latest ",
      "openclaw-20261122T181700Z.workspace.tar.gz",
      "../openclaw-20261122T181700Z.tar.gz",
      "openclaw-20261122T181700Z.tar.gz\n",
      "openclaw-2026112T181700Z.tar.gz",
      "--drill",
    ]
  ) assert.ok(!isArchive(name), name);
});
