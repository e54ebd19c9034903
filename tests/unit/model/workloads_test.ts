import assert from "node:assert/strict";
import { readPack } from "openclaw-pack";
import { buildModel, workloadOf } from "../../../src/model/model.ts";
import { selectorLabels, serviceHost, workloads } from "../../../src/model/workloads.ts";

const DOCKER = readPack("cluster: { namespace: claw }").config;
const SSH = readPack("sandbox: { backend: ssh, image: a/sandbox:1.0.0, namespace: elsewhere }").config;

Deno.test("only the ssh sandbox is a separate workload, in another namespace", () => {
  const rows = (config: typeof DOCKER) => workloads(config).map(({ name, namespace }) => `${namespace}/${name}`);
  assert.deepEqual(rows(DOCKER), ["claw/cloudflared", "claw/openclaw", "claw/litellm", "claw/backup"]);
  assert.deepEqual(rows(SSH), [
    "openclaw/cloudflared",
    "openclaw/openclaw",
    "openclaw/litellm",
    "elsewhere/sandbox",
    "openclaw/backup",
  ]);
});

Deno.test("no workload runs as root, and no two share labels, a Secret or an ExternalSecret", () => {
  const rows = workloads(SSH);
  assert.ok(rows.every(({ uid }) => uid > 0));
  for (
    const values of [
      rows.map((row) => JSON.stringify(selectorLabels(row))),
      rows.map(({ component }) => component),
      rows.map(({ secret }) => secret.name),
      rows.map(({ secret }) => secret.externalSecret),
    ]
  ) assert.equal(new Set(values).size, rows.length);
});

Deno.test("cloudflared, which only connects out, and the backup listen on no port", () => {
  const silent = workloads(SSH).filter(({ port }) => port === undefined).map(({ name }) => name);
  assert.deepEqual(silent, ["cloudflared", "backup"]);
});

Deno.test("without backups, no backup workload exists", () => {
  const { config } = readPack("backup: { enabled: false }");
  assert.deepEqual(workloads(config).map(({ name }) => name), ["cloudflared", "openclaw", "litellm"]);
});

Deno.test("a Service's host name is its name in its namespace", async () => {
  const model = await buildModel(DOCKER);
  assert.equal(serviceHost(workloadOf(model, "litellm")), "litellm.claw.svc.cluster.local");
  assert.throws(() => workloadOf(model, "sandbox"), /no workload sandbox/);
});
