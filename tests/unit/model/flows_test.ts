import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import { type Flow, flows } from "../../../src/model/flows.ts";

const SSH = "sandbox: { backend: ssh, image: a/sandbox:1.0.0 }\n";

/** Returns a flow as a line such as `litellm -> internet: TCP 443`. */
function line({ from, to, ports }: Flow): string {
  const target = to.kind === "workload" ? to.workload : to.kind === "pods" ? JSON.stringify(to.pods) : to.kind;
  return `${from} -> ${target}: ${ports.map(({ protocol, port }) => `${protocol} ${port}`).join(", ")}`;
}
const linesOf = (text: string) => flows(readPack(text).config).map(line);

Deno.test("only these connections are allowed by default", () => {
  assert.deepEqual(linesOf(""), [
    "cloudflared -> dns: UDP 53, TCP 53",
    "openclaw -> dns: UDP 53, TCP 53",
    "litellm -> dns: UDP 53, TCP 53",
    "cloudflared -> openclaw: TCP 18789",
    "cloudflared -> internet: TCP 443, TCP 7844, UDP 7844",
    "openclaw -> litellm: TCP 4000",
    "litellm -> internet: TCP 443",
    "openclaw -> internet: TCP 443, TCP 80",
  ]);
});

Deno.test("with the ssh sandbox, web access moves from the gateway to the sandbox", () => {
  const [before, after] = [new Set(linesOf("")), new Set(linesOf(SSH))];
  assert.deepEqual([...before.difference(after)], ["openclaw -> internet: TCP 443, TCP 80"]);
  assert.deepEqual([...after.difference(before)], [
    "sandbox -> dns: UDP 53, TCP 53",
    "openclaw -> internet: TCP 443",
    "openclaw -> sandbox: TCP 2222",
    "sandbox -> internet: TCP 443, TCP 80",
  ]);
});

Deno.test("the backup has no connections unless it copies to S3", () => {
  const added = new Set(linesOf("backup: { s3: { bucket: example-backups } }")).difference(new Set(linesOf("")));
  assert.deepEqual([...added], ["backup -> dns: UDP 53, TCP 53", "backup -> internet: TCP 443"]);
});

Deno.test("a row of pack.yaml adds one connection, by name or labels of the pods", () => {
  const rows = `flows:
  - { to: { namespace: monitoring, name: grafana }, port: 3000, why: dashboards }
  - { from: litellm, to: { namespace: data, labels: { app: redis, tier: cache } }, port: 6379, protocol: UDP, why: w }
`;
  assert.deepEqual(linesOf(rows).slice(linesOf("").length), [
    'openclaw -> {"namespace":"monitoring","labels":{"app.kubernetes.io/name":"grafana"}}: TCP 3000',
    'litellm -> {"namespace":"data","labels":{"app":"redis","tier":"cache"}}: UDP 6379',
  ]);
});

Deno.test("every connection has a reason", () => {
  for (const { why } of flows(readPack(SSH).config)) assert.notEqual(why, "");
});
