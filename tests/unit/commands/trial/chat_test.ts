import assert from "node:assert/strict";
import { chat, chatArguments, parseReply } from "../../../../src/commands/trial/chat.ts";
import { connect } from "../../../../src/cluster/kubectl.ts";
import { type Answer, recordedMachine } from "./recorded_machine.ts";
import { trialOverlay } from "./trial_objects.ts";

/** A reply as OpenClaw 2026.9.4 prints it, without most of `meta`. */
const REPLY = JSON.stringify({
  runId: "259bf5e9-0281-47e7-87f7-8ca42e009e30",
  status: "ok",
  summary: "completed",
  result: { payloads: [{ text: "hello", mediaUrl: null }], meta: { durationMs: 236, aborted: false } },
});

Deno.test("any message is a single argument", async () => {
  const { gateway } = await trialOverlay();
  for (const message of ["hello", "--help", 'it\'s $HOME `id` "quoted"', "two\nlines", "; rm -rf /", "日本語"]) {
    const args = chatArguments(gateway, message);
    assert.deepEqual(args.filter((argument) => argument.includes(message)), [`--message=${message}`]);
    assert.ok(!args.some((argument) => /^(ba)?sh$|^-c.+$/.test(argument)));
  }
});

Deno.test("only the text of the answer is returned", () => {
  assert.deepEqual(parseReply(REPLY), { text: "hello" });
  const two = { payloads: [{ text: "one" }, { text: null, mediaUrl: "x" }, { text: "\x1b[31mtwo\x07" }] };
  assert.deepEqual(parseReply(JSON.stringify(two)), { text: "one\n\ntwo" });
});

Deno.test("a reply without an answer is reported as an error", () => {
  const cases: [unknown, string][] = [
    [{ ok: false, error: { type: "cli_error", message: "gateway timeout" } }, "gateway timeout"],
    [{ status: "error", summary: "failed" }, "failed"],
    [{ status: "timeout" }, "status timeout, no text"],
    [{ status: "ok", result: { payloads: [] }, summary: "completed" }, "status ok, no text"],
    [
      { status: "ok", result: { payloads: [{ text: "Sandbox image not found", isError: true }] } },
      "Sandbox image not found",
    ],
  ];
  for (const [reply, error] of cases) assert.deepEqual(parseReply(JSON.stringify(reply)), { error });
  assert.equal(parseReply("Error from server (NotFound)"), undefined);
});

Deno.test("every failure is reported with its reason in one message", async () => {
  const { gateway } = await trialOverlay();
  const send = async (answer: Answer) => {
    const machine = recordedMachine((call) => call.includes("get-contexts") ? "trial\n" : answer);
    return await chat(await connect("trial", undefined, machine), gateway, "hi");
  };
  assert.equal(await send(REPLY), "hello");
  const cases: [Answer, RegExp][] = [
    [{ code: 1, stderr: 'error: deployments.apps "openclaw" not found\n' }, /did not answer: error: .* not found\n/],
    [{ code: 1, stdout: '{"ok":false,"error":{"message":"no model"}}', stderr: "command terminated" }, /: no model\n/],
    [{ code: 137 }, /did not answer: no answer \(exit status 137\)\n/],
    [{ code: 1, stdout: REPLY }, /did not answer/],
  ];
  for (const [answer, message] of cases) await assert.rejects(send(answer), { name: "TrialFailed", message });
});
