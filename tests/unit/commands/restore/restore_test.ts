import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Kubectl } from "../../../../src/cluster/kubectl.ts";
import { workloadOf } from "../../../../src/model/model.ts";
import { archiveTable } from "../../../../src/commands/restore/archives.ts";
import { RestoreFailed } from "../../../../src/commands/restore/failed.ts";
import { type CronJob, restorePod } from "../../../../src/commands/restore/pod.ts";
import { drill, type Environment, listArchives, restore } from "../../../../src/commands/restore/restore.ts";
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
}

function kubectlOf(run: (args: readonly string[], input?: string) => Promise<string>): Kubectl {
  const unused = () => Promise.reject(new Error("not used by a restore"));
  return { context: "kind-kind", run: (args, { input } = {}) => run(args, input), attempt: unused, forward: unused };
}

async function play(
  cluster: Cluster,
  act: (env: Environment) => Promise<void>,
  { dryRun = false, yes = true } = {},
): Promise<{ calls: string[]; said: string; manifest: Json; failed: string }> {
  const calls: string[] = [];
  const said: string[] = [];
  const looks = { gateway: 0, pod: 0 };
  let manifest: Json;
  let failed = "";
  const next = (list: readonly Json[], what: keyof typeof looks) => list[Math.min(looks[what]++, list.length - 1)];
  try {
    await act({
      namespace: "openclaw",
      gateway: workloadOf(await modelOf(), "openclaw"),
      dryRun,
      print: (line) => said.push(line),
      confirm: () => yes,
      pollEvery: 0,
      kubectl: kubectlOf((args, input) => {
        const [verb = "", what = ""] = args.filter((arg) => !/^--(namespace|request-timeout)=/.test(arg));
        if (verb !== "get") calls.push([verb, what, args.find((arg) => arg.startsWith("--selector"))].join(" ").trim());
        if (what === "cronjob") return Promise.resolve(cluster.cronJob ? JSON.stringify(cluster.cronJob) : "");
        if (what === "pods") {
          return Promise.resolve(JSON.stringify({ items: next(cluster.gateway ?? [[RUNNING]], "gateway") }));
        }
        if (verb === "create") {
          manifest = JSON.parse(input ?? "");
          return Promise.resolve("pod/openclaw-restore-x7k2p\n");
        }
        if (verb === "get") {
          const restoring = next(cluster.pod ?? [DONE], "pod");
          const items = [{ kind: "Pod", ...restoring, metadata: { name: "openclaw-restore-x7k2p" } }, RUNNING];
          return Promise.resolve(JSON.stringify({ items }));
        }
        return Promise.resolve(cluster.output ?? "");
      }),
    });
  } catch (error) {
    if (!(error instanceof RestoreFailed)) throw error;
    failed = error.message;
  }
  return { calls, said: said.join("\n"), manifest, failed };
}

const SELECTOR = "--selector=app.kubernetes.io/name=openclaw,app.kubernetes.io/component=gateway";
const POD = "pod/openclaw-restore-x7k2p";
const pod = (phase: string, more: Json = {}) => ({
  metadata: { name: "p" },
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
    "create --filename=-",
    `logs ${POD}`,
    `delete ${POD}`,
    `delete pod ${SELECTOR}`,
    `logs ${SELECTOR} ${SELECTOR}`,
  ]);
  assert.deepEqual(manifest.spec.containers[0].command, ["sh", "/backup/backup.sh", "prepare", "latest"]);
  const end = ["restore: the restored state is in place", "the gateway is ready again, with the restored state"];
  assert.deepEqual(said.split("\n").slice(-2), end);
});

Deno.test("nothing is done without confirmation, or while a backup runs", async () => {
  const cronJob = await generated();
  const no = await play({ cronJob }, (env) => restore(env, "latest"), { yes: false });
  assert.deepEqual([no.calls, no.failed], [[], "nothing was changed"]);
  const running = { ...cronJob, status: { active: [{}] } };
  const busy = await play({ cronJob: running }, (env) => restore(env, "latest"));
  assert.deepEqual(busy.calls, []);
  assert.match(busy.failed, /a backup is running/);
});

Deno.test("an archive that cannot be restored leaves the gateway running and no pod behind", async () => {
  const { calls, failed } = await play(
    { cronJob: await generated(), pod: [pod("Pending"), pod("Failed")], output: "Archive could not be read" },
    (env) => restore(env, "openclaw-20261101T181700Z.tar.gz"),
  );
  assert.match(failed, /prepare openclaw-20261101T181700Z\.tar\.gz failed: Archive could not be read/);
  assert.deepEqual(calls, ["create --filename=-", `logs ${POD}`, `delete ${POD}`]);
});

Deno.test("without a running gateway, its next start uses the restored state", async () => {
  const { calls, said, manifest } = await play(
    { cronJob: await generated(), gateway: [[]] },
    (env) => restore(env, "latest"),
  );
  assert.equal(manifest.spec.affinity, undefined, "no gateway pod is running");
  assert.ok(!calls.some((call) => call.startsWith("delete pod ")));
  assert.match(said, /its next start uses the restored state/);
});

Deno.test("a restore test and a list do not touch the gateway", async () => {
  const cronJob = await generated();
  for (const act of [(env: Environment) => drill(env, "latest"), listArchives]) {
    const { calls, manifest } = await play({ cronJob }, act);
    assert.deepEqual(calls, ["create --filename=-", `logs ${POD}`, `delete ${POD}`]);
    assert.deepEqual(manifest.spec.affinity, cronJob.spec.jobTemplate.spec.template.spec.affinity);
  }
});

Deno.test("a dry run prints what would change, and changes nothing", async () => {
  const { calls, said } = await play({ cronJob: await generated() }, (env) => restore(env, "latest"), { dryRun: true });
  assert.deepEqual(calls, []);
  assert.match(said, /^kubectl --context=kind-kind --namespace=openclaw create --filename=- --output=name <<'EOF'$/m);
  assert.match(said, new RegExp(`^kubectl .* delete pod ${SELECTOR} --wait=true$`, "m"));
});

Deno.test("waiting prints the reason; a cluster without backups is reported", async () => {
  const unscheduled = pod("Pending", { conditions: [{ type: "PodScheduled", status: "False", message: "no room" }] });
  const { said } = await play({ cronJob: await generated(), pod: [unscheduled, unscheduled, DONE] }, listArchives);
  assert.deepEqual(said.match(/waiting for .*/g), [`waiting for ${POD} to end: no node for it: no room`]);
  assert.match((await play({}, listArchives)).failed, /no CronJob openclaw-backup.*backup\.enabled/);
});

Deno.test("the pod of a restore is the backup's, without the key to the bucket", async () => {
  const cronJob: CronJob = objectOf(baseObjects(await filesOf(S3)), "CronJob", "openclaw-backup");
  const made = restorePod(cronJob, { args: ["list"], besideGateway: true });
  const template = cronJob.spec.jobTemplate.spec.template;
  assert.deepEqual(made.spec?.containers.map(({ name }) => name), ["backup"]);
  assert.deepEqual(made.spec?.initContainers, undefined);
  assert.deepEqual(made.spec?.volumes, template.spec.volumes);
  assert.deepEqual(made.spec?.securityContext, template.spec.securityContext);
  assert.doesNotMatch(JSON.stringify(made), /secretKeyRef/);
  const other = structuredClone(cronJob) as Json;
  other.spec.jobTemplate.spec.template.spec.initContainers = [];
  assert.throws(() => restorePod(other, { args: ["list"], besideGateway: true }), /no container backup/);
});

Deno.test("archives are listed with date and size", () => {
  assert.equal(
    archiveTable("openclaw-20261122T181700Z.tar.gz 5242880\n"),
    "openclaw-20261122T181700Z.tar.gz  2026-11-22 18:17:00 UTC      5.0 MiB\n",
  );
  assert.equal(archiveTable(""), "no archives yet\n");
});
