/**
 * Checks that the key proxy has a key for the models, and how much of their budget is left (requirements E1, E8).
 *
 * @module
 */

import * as v from "valibot";
import type { PackConfig } from "../../config/schema.ts";
import type { Kubectl } from "../../cluster/kubectl.ts";
import type { Model } from "../../model/model.ts";
import { inPod, type OverlayName, type PodId, type Subject } from "./expected.ts";
import { fail, type Finding, measure, pass, type Result, skip } from "./results.ts";
import { LITELLM_PORTS } from "../../tables/workloads.ts";

/** Prints the record, or an empty one before the first request. */
const READ = "import os,sys; path = os.environ['SPEND_FILE']; " +
  "sys.stdout.write(open(path).read() if os.path.exists(path) else '{}')";

/** Asks the key proxy whether it has a usable key; it does not reveal the key. */
const HAS_KEY = "import os,sys,urllib.error,urllib.request\n" +
  `try: urllib.request.urlopen("http://127.0.0.1:${LITELLM_PORTS.anthropic}/has-key", timeout=5); sys.stdout.write("yes")\n` +
  "except urllib.error.HTTPError as error: sys.stdout.write(str(error.code))";

/** Returns two results. A spent budget fails, because the assistant then answers no message. */
export async function checkModels(
  kubectl: Kubectl,
  { config }: Model,
  overlay: OverlayName,
  subjects: readonly Subject[],
  now: Date = new Date(),
): Promise<Result[]> {
  const litellm = subjects.find(({ name }) => name === "litellm");
  if (litellm === undefined) return [];
  const python = ({ namespace, name }: PodId, script: string) =>
    kubectl.run(["exec", `--namespace=${namespace}`, name, "--container=litellm", "--", "python3", "-c", script]);
  return await Promise.all([
    measure(
      "key",
      "ANTHROPIC_API_KEY",
      () => inPod(litellm, async (pod) => keyFinding((await python(pod, HAS_KEY)).trim(), overlay)),
    ),
    measure(
      "budget",
      "models",
      () => inPod(litellm, async (pod) => budgetFinding(config.models.budget, await python(pod, READ), now)),
    ),
  ]);
}

/** Returns the finding for the key proxy's answer. */
export function keyFinding(answer: string, overlay: OverlayName): Finding {
  if (answer === "yes") return pass("the key proxy holds one; send a message to see whether Anthropic accepts it");
  if (answer !== "404") return fail(`the key proxy answered ${answer || "nothing"}`);
  return overlay === "prod"
    ? fail(
      "the key proxy has no Anthropic key: it is missing, still the placeholder, or does not begin with sk-ant-; deno task ssm --run ANTHROPIC_API_KEY",
    )
    : skip("none: the trial answers by mock");
}

/** The record written by src/generate/litellm/budget.py. */
const RECORD = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ period_start: v.string(), spent_usd: v.pipe(v.number(), v.minValue(0)) }),
);

/** Returns the finding for a record at a given time; `{}` is an empty record. */
export function budgetFinding({ usd, per }: PackConfig["models"]["budget"], text: string, now: Date): Finding {
  const none = { period_start: periodStart(now, per), spent_usd: 0 };
  const record = v.safeParse(RECORD, text.trim() === "{}" ? JSON.stringify(none) : text);
  if (!record.success) return fail("the spend record cannot be read; see docs/troubleshooting.md");
  // A record of an earlier period means that nothing has been spent in this one.
  const { period_start: since, spent_usd: spent } = record.output.period_start >= none.period_start
    ? record.output
    : none;
  const sum = `${spent.toFixed(2)} of ${usd.toFixed(2)} USD spent since ${since} (per ${per}, UTC)`;
  return spent >= usd
    ? fail(`used up: ${sum}; the assistant does not answer until the next ${per}, or until models.budget is raised`)
    : pass(`${sum}, ${(usd - spent).toFixed(2)} USD left`);
}

/** Returns the first day of the period of a time, as `YYYY-MM-DD`, like `period_start` in src/generate/litellm/budget.py. */
function periodStart(now: Date, per: PackConfig["models"]["budget"]["per"]): string {
  const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), per === "month" ? 1 : now.getUTCDate()));
  // getUTCDay starts with Sunday.
  if (per === "week") day.setUTCDate(day.getUTCDate() - (day.getUTCDay() + 6) % 7);
  return day.toISOString().slice(0, 10);
}
