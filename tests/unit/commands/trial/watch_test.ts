import assert from "node:assert/strict";
import { connect } from "../../../../src/cluster/kubectl.ts";
import { explain } from "../../../../src/commands/trial/explain.ts";
import { lineScreen } from "../../../../src/commands/trial/screen.ts";
import { type Verdict, watch } from "../../../../src/commands/trial/watch.ts";
import { type Answer, recordedMachine } from "./recorded_machine.ts";
import { type Health, listOf, trialOverlay } from "./trial_objects.ts";

const TIMEOUT = 900;
const STARTS: Health = { state: { running: {} } };
const crashed = (restartCount: number): Health => ({
  state: { waiting: { reason: "CrashLoopBackOff" }, terminated: { exitCode: 1, message: "no key\n" } },
  restartCount,
});
const UNSCHEDULABLE = {
  type: "PodScheduled",
  status: "False",
  message: "0/1 nodes are available: 1 Insufficient memory.",
};

/** Watches a cluster that gives one answer after another, the last for ever. */
async function watched(answers: readonly Answer[], log: Answer = "") {
  const overlay = await trialOverlay();
  let looks = 0;
  const machine = recordedMachine((call) => {
    if (call.includes("get-contexts")) return "trial\n";
    if (call.includes(" logs ")) return log;
    return answers[Math.min(looks++, answers.length - 1)] ?? "";
  });
  const cluster = await connect("trial", undefined, machine);
  const lines: string[] = [];
  const verdict = await watch(machine, cluster, overlay, lineScreen((line) => lines.push(line.trim())), TIMEOUT);
  return { verdict, lines, machine, explained: await explain(cluster, verdict.snapshot, verdict.failing) };
}

async function list(gateway: Health, litellm: Health = "ready"): Promise<string> {
  const { workloads } = await trialOverlay();
  return listOf(workloads.map((id) => [id, id.name === "openclaw" ? gateway : litellm]));
}

const names = ({ failing }: Verdict) => failing.map(({ workload }) => workload.name);

Deno.test("it ends as soon as every Deployment is available, with a line for each change", async () => {
  const { verdict, lines } = await watched([await list(STARTS), await list(STARTS), await list("ready")]);
  assert.deepEqual([verdict.why, verdict.seconds], [undefined, 4]);
  assert.deepEqual(lines, [
    "0 s  openclaw-1-a: container openclaw starts",
    "0 s  litellm-1-a: ready",
    "4 s  openclaw-1-a: ready",
  ]);
});

Deno.test("it stops early when will not recover, and says why", async () => {
  const { verdict, explained, machine } = await watched(
    [await list(crashed(2)), await list(crashed(3))],
    "starting\ncustom_auth: a key is missing\n",
  );
  assert.deepEqual([verdict.why, verdict.seconds, names(verdict)], ["will not recover", 2, ["openclaw"]]);
  assert.deepEqual(explained, [
    "openclaw-1-a: container openclaw crashes (exit status 1: no key), restarted 3 times",
    "  the end of the log of openclaw:",
    "    starting",
    "    custom_auth: a key is missing",
  ]);
  for (const call of machine.calls.filter((call) => !call.includes("get-contexts"))) {
    assert.match(call, /^kubectl --context=trial /);
  }
});

Deno.test("what may get better is waited for until the time is over", async () => {
  const { verdict } = await watched([await list(crashed(2))]);
  assert.equal(verdict.why, "not ready after 15 min 0 s (--timeout)");
  assert.deepEqual([verdict.seconds, names(verdict)], [TIMEOUT, ["openclaw"]]);
});

Deno.test("patience counts from when it was seen, without a break", async () => {
  const broken = JSON.parse(await list(STARTS));
  for (const { kind, metadata, status } of broken.items) {
    if (kind === "Pod" && metadata.name.startsWith("openclaw")) status.conditions.push(UNSCHEDULABLE);
  }
  const unschedulable = JSON.stringify(broken);
  const for_ever = await watched([unschedulable]);
  assert.deepEqual([for_ever.verdict.why, for_ever.verdict.seconds], ["will not recover", 180]);
  assert.match(for_ever.explained.at(-1) ?? "", /what helps: give the cluster more of it/);

  const looks = (count: number) => Array<Answer>(count).fill(unschedulable);
  const broken_off = await watched([...looks(60), await list(STARTS), ...looks(60), await list("ready")]);
  assert.equal(broken_off.verdict.why, undefined);
});

Deno.test("a container that takes long shows what it writes, asked for no more than every ten seconds", async () => {
  const answers = [...Array<Answer>(20).fill(await list(STARTS)), await list("ready")];
  const { lines, machine } = await watched(answers, "\x1b[2Jinstalling git\n");
  assert.ok(lines.includes("20 s  openclaw-1-a: container openclaw starts: installing git"));
  assert.equal(machine.calls.filter((call) => / logs openclaw-1-a -c openclaw --tail=1$/.test(call)).length, 2);
});

Deno.test("an API server that does not answer for a moment is waited for, a dead one is not", async () => {
  const refused = { code: 1, stderr: "The connection to the server was refused\n" };
  const { verdict } = await watched([refused, refused, await list("ready")]);
  assert.equal(verdict.why, undefined);
  await assert.rejects(watched([refused]), { message: "The connection to the server was refused" });
});
