/**
 * Checks Secrets and ExternalSecrets. Only the names of a Secret's keys leave kubectl.
 *
 * @module
 */

import { type Kubectl, KubectlFailed } from "../../cluster/kubectl.ts";
import type { Model } from "../../model/model.ts";
import type { Reader } from "../../model/workloads.ts";
import { type Expected, has, runs } from "./expected.ts";
import { counted, fail, type Finding, measure, pass, passUnless, type Result, skip } from "./results.ts";
import { secretKey } from "../../tables/secrets.ts";

const EXTERNAL_SECRETS = "externalsecrets.external-secrets.io";

/** Returns the results for every reader whose workload the overlay has. */
export async function checkSecrets(kubectl: Kubectl, model: Model, expected: Expected): Promise<Result[]> {
  const readers = model.readers.filter(({ pod }) => runs(expected, pod));
  const served = await measure("externalsecret", "all", async () => {
    const answer = await kubectl.run(["api-resources", "--api-group=external-secrets.io", "--output=name"]);
    return answer.includes(EXTERNAL_SECRETS) ? pass("served") : fail(`no ${EXTERNAL_SECRETS} in this cluster`);
  });
  const results = await Promise.all(readers.map(async (reader) => [
    await measure("secret", reader.secret.name, () => keys(kubectl, reader)),
    await external(kubectl, expected, reader, served),
  ]));
  return results.flat();
}

async function keys({ run }: Kubectl, { name, namespace, reads, secret }: Reader): Promise<Finding> {
  const names = template('{{range $key, $_ := .data}}{{$key}}{{"\\n"}}{{end}}');
  const answer = await run(["get", "secret", secret.name, `--namespace=${namespace}`, names]);
  const is = answer.split("\n").filter((key) => key !== "");
  const should = reads.map((row) => secretKey(row.secret.name));
  return passUnless([
    ...should.filter((key) => !is.includes(key)).map((key) => `it lacks ${key}`),
    ...is.filter((key) => !should.includes(key)).map((key) => `it has ${key}, which ${name} does not use`),
  ], `just its ${counted(is.length, "key")}`);
}

/** Returns the result for an ExternalSecret; an overlay without them contains the Secrets themselves. */
async function external(kubectl: Kubectl, expected: Expected, reader: Reader, served: Result): Promise<Result> {
  const { externalSecret } = reader.secret;
  return await measure("externalsecret", externalSecret, async () => {
    if (!has(expected, "ExternalSecret", externalSecret)) {
      return skip(`overlays/${expected.overlay} has its Secrets ready-made`);
    }
    if (served.status === "fail") return fail(served.reason);
    return await ready(kubectl, reader);
  });
}

async function ready({ run }: Kubectl, { namespace, secret }: Reader): Promise<Finding> {
  const condition = template(
    '{{range .status.conditions}}{{if eq .type "Ready"}}{{.status}} {{.reason}} {{.message}}{{end}}{{end}}',
  );
  const answer = await run(["get", EXTERNAL_SECRETS, secret.externalSecret, `--namespace=${namespace}`, condition]);
  const [status, ...why] = answer.trim().split(" ");
  if (status === "True") return pass("ready");
  if (why.length === 0) return fail("not ready: the operator has not observed it");
  const parameter = await missingParameter({ run }, namespace, secret.externalSecret);
  return fail(`not ready: ${why.join(" ")}${parameter === undefined ? "" : ` (${parameter})`}`);
}

/** Returns the parameter of the operator's last error. In External Secrets 0.18, only events name it. */
async function missingParameter(
  { run }: Pick<Kubectl, "run">,
  namespace: string,
  name: string,
): Promise<string | undefined> {
  const selector = `--field-selector=involvedObject.kind=ExternalSecret,involvedObject.name=${name},type=Warning`;
  const messages = template('{{range .items}}{{.message}}{{"\\n"}}{{end}}');
  const args = ["get", "events", `--namespace=${namespace}`, selector, "--sort-by=.lastTimestamp", messages];
  // A user who may not read events still gets the other results.
  const answer = await run(args).catch((error: unknown) => {
    if (error instanceof KubectlFailed) return "";
    throw error;
  });
  return [...answer.matchAll(/\(key: ([^)\s]+)\)/g)].at(-1)?.[1];
}

/** Returns the argument of `kubectl get` for a Go template. The templates here print no values. */
function template(text: string): string {
  return `--output=go-template=${text}`;
}
