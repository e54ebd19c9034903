import assert from "node:assert/strict";
import { expectedObjects } from "../../../../src/commands/verify/expected.ts";
import { KubectlFailed } from "../../../../src/cluster/kubectl.ts";
import { checkSecrets } from "../../../../src/commands/verify/secrets.ts";
import { modelOf } from "../../../support/support.ts";
import { standin } from "./standin.ts";

const FAULT = "False SecretSyncedError could not get secret data from provider";
const EVENTS = `error processing spec.data[0] (key: /lolice/openclaw/OLD), err: Secret does not exist
error processing spec.data[3] (key: /lolice/openclaw/GITHUB_TOKEN), err: Secret does not exist
`;

Deno.test("an ExternalSecret that is not ready names the parameter of the operator's last event, where it may be read", async () => {
  const model = await modelOf();
  const cases = [[() => EVENTS, " (/lolice/openclaw/GITHUB_TOKEN)"], [() => "", ""], [() => {
    throw new KubectlFailed("events is forbidden");
  }, ""]] as const;
  for (const [answer, named] of cases) {
    const kubectl = standin(model, "prod", [
      { match: /^get externalsecrets.* openclaw-es /, answer: () => FAULT },
      { match: /^get events .*involvedObject\.name=openclaw-es,/, answer },
    ]);
    const results = await checkSecrets(kubectl, model, expectedObjects(model, "prod"));
    assert.deepEqual(
      results.filter(({ status }) => status === "fail").map(({ subject, reason }) => `${subject}: ${reason}`),
      [`openclaw-es: not ready: SecretSyncedError could not get secret data from provider${named}`],
    );
  }
});
