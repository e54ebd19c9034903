import assert from "node:assert/strict";
import type { PackInput } from "openclaw-pack";
import { parse } from "yaml";
import { workloadOf } from "../../../../src/model/model.ts";
import { selectorLabels } from "../../../../src/model/workloads.ts";
import { placement } from "../../../../src/generate/overlays/placement.ts";
import { restorePod } from "../../../../src/commands/restore/pod.ts";
import { baseObjects, filesOf, type Json, modelOf, objectOf, SSH, textOf } from "../../../support/support.ts";

const OWN = { "example.com/openclaw": "gateway" };
const TOLERATIONS = [
  { key: "example.com/openclaw", operator: "Equal", value: "gateway", effect: "NoSchedule" },
  { key: "example.com/openclaw", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
] as const;

/** Returns what production sets for the pod of each workload. */
async function placements(input: PackInput): Promise<Record<string, Json>> {
  const model = await modelOf(input);
  return Object.fromEntries(model.workloads.map((workload) => [workload.name, placement(model, workload)]));
}

/** Returns the pods that a placement avoids, as `namespace/name`. */
function awayFrom({ affinity }: Json): string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution } =
    affinity?.podAntiAffinity ?? {};
  const terms = required ?? preferredDuringSchedulingIgnoredDuringExecution?.map((row: Json) => row.podAffinityTerm) ??
    [];
  return terms.map(({ topologyKey, namespaces, labelSelector }: Json) => {
    assert.equal(topologyKey, "kubernetes.io/hostname");
    return `${namespaces}/${labelSelector.matchLabels["app.kubernetes.io/name"]}`;
  });
}

Deno.test("only key holders avoid every pod that runs the agent's commands", async () => {
  const docker = await placements({});
  const ssh = await placements({ ...SSH, cluster: { namespace: "claw" } });
  for (const name of ["litellm", "cloudflared"]) {
    assert.deepEqual(awayFrom(docker[name]), ["openclaw/openclaw"]);
    assert.deepEqual(awayFrom(ssh[name]), ["claw/openclaw", "openclaw-sandbox/sandbox"]);
  }
  for (const name of ["openclaw", "sandbox", "backup"]) assert.deepEqual(awayFrom(ssh[name]), []);
  const model = await modelOf(SSH);
  const [gateway, sandbox] = (await placements(SSH))["litellm"].affinity.podAntiAffinity
    .requiredDuringSchedulingIgnoredDuringExecution;
  assert.deepEqual(gateway.labelSelector.matchLabels, selectorLabels(workloadOf(model, "openclaw")));
  assert.deepEqual(sandbox.labelSelector.matchLabels, selectorLabels(workloadOf(model, "sandbox")));
});

Deno.test("separation can be off, or preferred with more weight than togetherness", async () => {
  const { litellm, cloudflared } = await placements({ cluster: { keysApart: "preferred" } });
  for (const { affinity } of [litellm, cloudflared]) {
    assert.equal(affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution, undefined);
    assert.deepEqual(awayFrom({ affinity }), ["openclaw/openclaw"]);
  }
  const [apart] = cloudflared.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
  const [together] = cloudflared.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution;
  assert.ok(apart.weight > 2 * together.weight, "the scheduler counts a preference for both pods");
  for (const input of [{}, SSH]) {
    const off = await placements({ ...input, cluster: { keysApart: "off", nodeSelector: OWN } });
    for (const { affinity } of Object.values(off)) assert.equal(affinity, undefined);
  }
});

Deno.test("pods on the gateway's node have the tolerations: the gateway, the backup, a restore, the ssh sandbox", async () => {
  const input: PackInput = { cluster: { nodeSelector: OWN, tolerations: [...TOLERATIONS] } };
  for (const [extra, names] of [[{}, ["openclaw", "backup"]], [SSH, ["openclaw", "sandbox", "backup"]]] as const) {
    const rows = Object.entries(await placements({ ...input, ...extra })).filter(([, row]) => row.tolerations);
    assert.deepEqual(rows.map(([name]) => name), names);
    for (const [, { tolerations }] of rows) assert.deepEqual(tolerations, TOLERATIONS);
  }
  const files = await filesOf(input);
  const patch = parse(textOf(files, "kustomize/overlays/prod/patch-cronjob-openclaw-backup.yaml"));
  assert.deepEqual(patch.spec.jobTemplate.spec.template.spec, { tolerations: TOLERATIONS });
  const cronJob = structuredClone(objectOf(baseObjects(files), "CronJob", "openclaw-backup"));
  cronJob.spec.jobTemplate.spec.template.spec.tolerations = TOLERATIONS;
  for (const besideGateway of [true, false]) {
    assert.deepEqual(restorePod(cronJob, { args: ["list"], besideGateway, name: "x" }).spec?.tolerations, TOLERATIONS);
  }
});

Deno.test("key holders avoid nodes dedicated to the gateway, and the ssh sandbox prefers them", async () => {
  const terms = ({ affinity }: Json) =>
    (affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ preference }: Json) =>
      preference.matchExpressions.map(({ key, operator, values }: Json) => `${key} ${operator} ${values}`)
    );
  const cluster = { nodeSelector: { ...OWN, "kubernetes.io/arch": "arm64" } };
  const rows = await placements({ ...SSH, cluster });
  assert.deepEqual(terms(rows["litellm"]), ["example.com/openclaw NotIn gateway"]);
  assert.deepEqual(terms(rows["cloudflared"]), ["example.com/openclaw NotIn gateway"]);
  assert.deepEqual(terms(rows["sandbox"]), ["example.com/openclaw In gateway"]);
  assert.deepEqual(rows["openclaw"].nodeSelector, cluster.nodeSelector);
  // By default no node is dedicated, because many nodes share an architecture.
  for (const row of Object.values(await placements(SSH))) assert.deepEqual(terms(row), []);
});

Deno.test("pods that run the agent's commands have the runtime class, unless a backup reads while they run", async () => {
  const cluster = { runtimeClassName: "kata" };
  const classes = async (input: PackInput) =>
    Object.entries(await placements({ ...input, cluster })).filter(([, row]) => row.runtimeClassName === "kata")
      .map(([name]) => name);
  const backup = { enabled: false };
  assert.deepEqual(await classes({ backup }), ["openclaw"]);
  assert.deepEqual(await classes({ ...SSH, backup }), ["openclaw", "sandbox"]);
  assert.deepEqual(await classes(SSH), ["sandbox"]);
});

Deno.test("every unprivileged pod without its own runtime has a user namespace", async () => {
  const mapped = async (input: PackInput) =>
    Object.entries(await placements(input)).filter(([, row]) => row.hostUsers === false).map(([name]) => name);
  const cluster = { userNamespaces: true };
  assert.deepEqual(await mapped({ cluster }), ["cloudflared", "litellm", "backup"]);
  assert.deepEqual(await mapped({ ...SSH, cluster }), ["cloudflared", "openclaw", "litellm", "sandbox", "backup"]);
  assert.deepEqual(await mapped({ ...SSH, cluster: { ...cluster, runtimeClassName: "kata" } }), [
    "cloudflared",
    "openclaw",
    "litellm",
    "backup",
  ]);
  assert.deepEqual(await mapped({ ...SSH }), []);
});

Deno.test("neither the base nor a trial has any placement", async () => {
  const input: PackInput = {
    ...SSH,
    cluster: {
      nodeSelector: OWN,
      tolerations: [...TOLERATIONS],
      runtimeClassName: "kata",
      userNamespaces: true,
    },
  };
  const fields = /^ +(podAntiAffinity|nodeAffinity|tolerations|runtimeClassName|hostUsers|nodeSelector):/m;
  const found = (await filesOf(input)).filter(({ text }) => fields.test(text)).map(({ path }) => path);
  assert.notEqual(found.length, 0);
  for (const path of found) assert.match(path, /^kustomize\/overlays\/prod\/patch-(deployment|cronjob)-/);
});
