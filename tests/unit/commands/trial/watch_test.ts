import assert from "node:assert/strict";
import { connect } from "../../../../src/cluster/kubectl.ts";
import { explain } from "../../../../src/commands/trial/explain.ts";
import { lineScreen } from "../../../../src/commands/trial/screen.ts";
import { watch, type WatchResult } from "../../../../src/commands/trial/watch.ts";
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

/** Watches a cluster that returns these answers in order and repeats the last. */
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
  const result = await watch(machine, cluster, overlay, lineScreen((line) => lines.push(line.trim())), TIMEOUT);
  return { result, lines, machine, explained: await explain(cluster, result.snapshot, result.failing) };
}

async function list(gateway: Health, litellm: Health = "ready"): Promise<string> {
  const { workloads } = await trialOverlay();
  return listOf(workloads.map((id) => [id, id.name === "openclaw" ? gateway : litellm]));
}

const names = ({ failing }: WatchResult) => failing.map(({ workload }) => workload.name);

Deno.test("watching ends as soon as every Deployment is available, with a line for each change", async () => {
  const { result, lines } = await watched([await list(STARTS), await list(STARTS), await list("ready")]);
  assert.deepEqual([result.why, result.seconds], [undefined, 4]);
  assert.deepEqual(lines, [
    "0 s  openclaw-1-a: container openclaw starts",
    "0 s  litellm-1-a: ready",
    "4 s  openclaw-1-a: ready",
  ]);
});

Deno.test("watching stops early if a Deployment will not recover, and says why", async () => {
  const { result, explained, machine } = await watched(
    [await list(crashed(2)), await list(crashed(3))],
    "starting\ncustom_auth: a key is missing\n",
  );
  assert.deepEqual([result.why, result.seconds, names(result)], ["will not recover", 2, ["openclaw"]]);
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

Deno.test("a Deployment that may recover is watched until the timeout", async () => {
  const { result } = await watched([await list(crashed(2))]);
  assert.equal(result.why, "not ready after 15 min 0 s (--timeout)");
  assert.deepEqual([result.seconds, names(result)], [TIMEOUT, ["openclaw"]]);
});

Deno.test("the maximum wait counts from when the state was first seen, without interruption", async () => {
  const broken = JSON.parse(await list(STARTS));
  for (const { kind, metadata, status } of broken.items) {
    if (kind === "Pod" && metadata.name.startsWith("openclaw")) status.conditions.push(UNSCHEDULABLE);
  }
  const unschedulable = JSON.stringify(broken);
  const unscheduled = await watched([unschedulable]);
  assert.deepEqual([unscheduled.result.why, unscheduled.result.seconds], ["will not recover", 180]);
  assert.match(unscheduled.explained.at(-1) ?? "", /to fix it: give the cluster more of it/);

  const looks = (count: number) => Array<Answer>(count).fill(unschedulable);
  const broken_off = await watched([...looks(60), await list(STARTS), ...looks(60), await list("ready")]);
  assert.equal(broken_off.result.why, undefined);
});

Deno.test("a slow container shows its log, which is read at most every ten seconds", async () => {
  const answers = [...Array<Answer>(20).fill(await list(STARTS)), await list("ready")];
  const { lines, machine } = await watched(answers, "\x1b[2Jinstalling git\n");
  assert.ok(lines.includes("20 s  openclaw-1-a: container openclaw starts: installing git"));
  assert.equal(machine.calls.filter((call) => / logs openclaw-1-a -c openclaw --tail=1$/.test(call)).length, 2);
});

Deno.test("a brief failure of the API server is tolerated, a permanent one is not", async () => {
  const refused = { code: 1, stderr: "The connection to the server was refused\n" };
  const { result } = await watched([refused, refused, await list("ready")]);
  assert.equal(result.why, undefined);
  await assert.rejects(watched([refused]), { message: "The connection to the server was refused" });
});
