import assert from "node:assert/strict";
import { expectedObjects } from "../../../../src/commands/verify/expected.ts";
import { checkSecrets } from "../../../../src/commands/verify/secrets.ts";
import { modelOf } from "../../../support/support.ts";
import { type Change, playBack, readRecording } from "./recording.ts";

const FAILURE = "False SecretSyncedError could not get secret data from provider";
const EVENTS = `error processing spec.data[0] (key: /lolice/openclaw/OLD), err: Secret does not exist
error processing spec.data[3] (key: /lolice/openclaw/GITHUB_TOKEN), err: Secret does not exist
`;

Deno.test("the row of an ExternalSecret that is not ready names the parameter of the operator's last event, if events may be read", async () => {
  const recording = await readRecording("prod");
  const model = await modelOf(recording.input);
  const cases: [Omit<Change, "match">, string][] = [
    [{ answer: () => EVENTS }, " (/lolice/openclaw/GITHUB_TOKEN)"],
    [{ answer: () => "" }, ""],
    [{ fail: "Error from server (Forbidden): events is forbidden" }, ""],
  ];
  for (const [events, named] of cases) {
    const kubectl = await playBack(recording, [
      { match: /^get externalsecrets.* openclaw-es /, answer: () => FAILURE },
      { match: /^get events .*involvedObject\.name=openclaw-es,/, ...events },
    ]);
    const results = await checkSecrets(kubectl, model, await expectedObjects(kubectl, model, "prod"));
    assert.deepEqual(
      results.filter(({ status }) => status === "fail").map(({ subject, reason }) => `${subject}: ${reason}`),
      [`openclaw-es: not ready: SecretSyncedError could not get secret data from provider${named}`],
    );
  }
});
