import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import type { PackInput } from "openclaw-pack";
import { requireNamespace } from "../../../../src/cluster/kubectl.ts";
import type { Result, Status } from "../../../../src/commands/verify/results.ts";
import { detectOverlay, verify } from "../../../../src/commands/verify/verify.ts";
import { type Json, modelOf } from "../../../support/support.ts";
import {
  type Change,
  playBack,
  readRecording,
  RECORDED,
  type Recording,
  type RecordingName,
  WORLD,
} from "./recording.ts";

interface Run {
  readonly recording?: RecordingName;
  readonly changes?: readonly Change[];
  /** Fields to add to the deployed configuration. */
  readonly input?: PackInput;
  readonly offline?: boolean;
  /** Changes the backup's CronJob. */
  readonly cronJob?: (cronJob: Json) => void;
}

/** A CronJob as the recorded cluster would have it, from what its kubectl rendered, with a success an hour before. */
function backup(recorded: Recording, edit: (cronJob: Json) => void): Change {
  const rendered = recorded.calls.find(({ call }) => call.startsWith("kustomize "))?.stdout ?? "";
  const cronJob: Json = parseAllDocuments(rendered).map((document): Json => document.toJS())
    .find(({ kind }) => kind === "CronJob");
  cronJob.metadata.creationTimestamp = "2026-11-01T00:00:00Z";
  cronJob.status = { lastSuccessfulTime: "2026-11-26T03:20:00Z" };
  // The API server's defaults.
  cronJob.spec.suspend ??= false;
  cronJob.spec.jobTemplate.spec.template.spec.dnsPolicy = "ClusterFirst";
  edit(cronJob);
  return { match: / get cronjob |^get cronjob /, answer: () => JSON.stringify(cronJob) };
}

/** Runs verify on the recorded answers of a real cluster. */
async function run({ recording = "prod", changes = [], input = {}, offline = false, cronJob = () => {} }: Run = {}) {
  const recorded = await readRecording(recording);
  const kubectl = await playBack(recorded, [...changes, ...REPAIRED, backup(recorded, cronJob)]);
  await using cleanup = new AsyncDisposableStack();
  const results = await verify(kubectl, {
    model: await modelOf({ ...recorded.input, ...input }),
    overlay: RECORDED[recording].overlay,
    world: offline ? { ...WORLD, internet: undefined } : WORLD,
    cleanup,
    // A recording does not change.
    settle: { within: 0, every: 0 },
    now: Date.parse("2026-11-26T04:20:00Z"),
  });
  await cleanup.disposeAsync();
  return { results, kubectl };
}

/** Returns a change to the pods of one workload. */
function inPods(workload: string, edit: (pod: Json) => void): Change {
  return {
    match: / get pods --namespace=\S+ --output=json$/,
    answer: (text) => {
      const pods: Json = JSON.parse(text);
      for (const pod of pods.items) if (pod.metadata.labels["app.kubernetes.io/name"] === workload) edit(pod);
      return JSON.stringify(pods);
    },
  };
}

/** Returns a change to one Deployment. */
function inDeployment(name: string, edit: (deployment: Json) => void): Change {
  return {
    match: / get deployments --/,
    answer: (text) => {
      const list: Json = JSON.parse(text);
      edit(list.items.find(({ kind, metadata }: Json) => kind === "Deployment" && metadata.name === name));
      return JSON.stringify(list);
    },
  };
}

const container = (pod: Json, name: string) => pod.spec.containers.find((container: Json) => container.name === name);
const SECRET_REF = { secretKeyRef: { name: "openclaw-credentials", key: "GITHUB_TOKEN" } };

/**
 * Adds the tools, which the recorded cluster could not download. The versions are in the format that the programs print
 * (tests/integration/tools_test.ts).
 */
const REPAIRED: readonly Change[] = [
  { match: / -- codex --version$/, answer: () => "codex-cli 0.169.0\n" },
  {
    match: / -- gh --version$/,
    answer: () => "gh version 2.102.0 (2026-10-01)\nhttps://github.com/cli/cli/releases\n",
  },
];
const TOOL_PINS: PackInput = { tools: { codex: { version: "0.169.0" }, gh: { version: "v2.102.0" } } };
/** The recorded cluster has one node, so nothing can be kept apart. */
const ONE_NODE: PackInput = { ...TOOL_PINS, cluster: { keysApart: "off" } };

const rows = (results: readonly Result[], wanted: Status) =>
  results.filter(({ status }) => status === wanted).map(({ check, subject }) => `${check} ${subject}`).toSorted();
const reasonOf = (results: readonly Result[], row: string) =>
  results.find(({ check, subject }) => `${check} ${subject}` === row)?.reason ?? "";

Deno.test("a healthy deployment passes with every overlay and sandbox", async (t) => {
  const missing = {
    ssh: ["cloudflared", "key-proxy", "litellm", "openclaw", "sandbox"].map((name) => `externalsecret ${name}-es`),
  };
  for (const recording of Object.keys(RECORDED) as RecordingName[]) {
    await t.step(recording, async () => {
      const { results } = await run({ recording, input: ONE_NODE });
      // One recording has no External Secrets Operator, and a cluster without it fails.
      assert.deepEqual(rows(results, "fail"), recording === "ssh" ? missing.ssh : []);
      assert.ok(rows(results, "pass").length > 60, String(rows(results, "pass").length));
    });
  }
});

Deno.test("checks that do not apply are skipped with a reason", async () => {
  const { results } = await run({ recording: "kind", offline: true });
  const skipped = rows(results, "skip");
  for (const row of ["externalsecret openclaw-es", "guard pvc openclaw-data", "tool codex", "network internet"]) {
    assert.ok(skipped.includes(row), row);
  }
  assert.ok(results.every(({ reason }) => reason !== ""));
  assert.ok(!results.some(({ subject }) => subject.includes("cloudflared")));
  // It is unknown whether something listens at an address outside the cluster.
  assert.ok(skipped.includes("network litellm -> 192.168.1.1:80"));
});

const defects: readonly (Change & { readonly rows: readonly string[]; readonly reason: RegExp })[] = [
  {
    ...inDeployment("litellm", ({ status }) => {
      status.availableReplicas = 0;
      status.conditions.find(({ type }: Json) => type === "Available").status = "False";
    }),
    rows: ["deployment litellm"],
    reason: /^0 of 1 pods are available/,
  },
  {
    ...inDeployment("litellm", ({ metadata }) => metadata.generation++),
    rows: ["deployment litellm"],
    reason: /generation \d+ not yet observed/,
  },
  {
    match: / get deployments --/,
    answer: (text) => text.replaceAll('"name":"litellm","namespace"', '"name":"other","namespace"'),
    rows: ["deployment litellm"],
    reason: /no Deployment litellm in namespace openclaw/,
  },
  {
    ...inPods("litellm", (pod) => container(pod, "litellm").image = "docker.io/litellm/litellm:v9"),
    rows: ["images litellm"],
    reason: /litellm runs .*:v9, pack\.yaml pins .*@sha256/,
  },
  {
    ...inPods("litellm", (pod) => pod.spec.containers.push({ name: "miner", image: "example.com/miner:1" })),
    rows: ["images litellm"],
    reason: /unexpected container: miner \(example\.com\/miner:1\)/,
  },
  {
    ...inPods("cloudflared", (pod) => container(pod, "cloudflared").env.push({ name: "X", valueFrom: SECRET_REF })),
    rows: ["environment cloudflared"],
    reason: /cloudflared has X \(openclaw-credentials\/GITHUB_TOKEN\), which it should not have/,
  },
  {
    ...inPods("cloudflared", (pod) => {
      container(pod, "cloudflared").env.push({ name: "GITHUB_TOKEN", value: "fake-token-of-a-test" });
      container(pod, "cloudflared").envFrom = [{ secretRef: { name: "openclaw-credentials" } }];
    }),
    rows: ["environment cloudflared"],
    reason:
      /^cloudflared imports an entire Secret or ConfigMap \(envFrom\); cloudflared has GITHUB_TOKEN \(written out\), which it should not have$/,
  },
  {
    ...inPods(
      "cloudflared",
      (pod) =>
        pod.spec.volumes = [{
          name: "kube-api-access",
          projected: { sources: [{ serviceAccountToken: { path: "token" } }] },
        }],
    ),
    rows: ["token cloudflared"],
    reason: /token is mounted/,
  },
  {
    match: /^get secret litellm-credentials /,
    answer: (text) => `${text}GITHUB_TOKEN\n`,
    rows: ["secret litellm-credentials"],
    reason: /it has GITHUB_TOKEN, which litellm does not use/,
  },
  {
    match: /^get secret key-proxy-credentials /,
    answer: (text) => text.replace("ANTHROPIC_API_KEY\n", ""),
    rows: ["secret key-proxy-credentials"],
    reason: /it lacks ANTHROPIC_API_KEY/,
  },
  {
    match: /^get secret cloudflared-credentials /,
    fail: 'Error from server (Forbidden): secrets "x" is forbidden: User "me" cannot get resource "secrets"',
    rows: ["secret cloudflared-credentials"],
    reason: /User "me" cannot get resource/,
  },
  {
    match: /^get externalsecrets.* litellm-es /,
    answer: () => "False SecretSyncedError could not get secret data",
    rows: ["externalsecret litellm-es"],
    reason: /not ready: SecretSyncedError could not/,
  },
  {
    match: /^api-resources /,
    answer: () => "",
    rows: ["cloudflared", "key-proxy", "litellm", "openclaw"].map((name) => `externalsecret ${name}-es`),
    reason: /no externalsecrets/,
  },
  {
    match: /^exec .*--container=litellm -- python3 .* \[\]$/,
    answer: (text) => text.replace('"PATH"', '"GITHUB_TOKEN"'),
    rows: ["process litellm"],
    reason: /it sees GITHUB_TOKEN, which it should not see/,
  },
  {
    match: /^exec .*--container=docker -- sh/,
    answer: (text) => `${text}GITHUB_TOKEN\nTOKEN\n`,
    rows: ["process docker"],
    reason: /it sees GITHUB_TOKEN, .*; a service account token/,
  },
  {
    match: /-- codex --version$/,
    answer: () => "codex-cli 0.1.0\n",
    rows: ["tool codex"],
    reason: /it prints codex-cli 0\.1\.0, but pack\.yaml pins \d/,
  },
  {
    match: /^forward openclaw pod\/cloudflared-\S+:2000 GET/,
    fail: "error: pod is not running",
    rows: ["probe cloudflared /ready"],
    reason: /pod is not running/,
  },
  {
    match: /^forward openclaw pod\/openclaw-\S+ GET \/healthz/,
    answer: () => JSON.stringify({ status: 200, body: "<!doctype html>" }),
    rows: ["probe openclaw /healthz"],
    reason: /status 200, but not JSON/,
  },
  {
    match: /^forward openclaw pod\/litellm-\S+ GET \/livez/,
    answer: () => JSON.stringify({ status: 503, body: '{"status":"down"}' }),
    rows: ["probe key-proxy /livez"],
    reason: /status 503: \{"status":"down"\}/,
  },
  {
    match: / get persistentvolumeclaims /,
    answer: (text) => text.replaceAll('"capacity":{"storage":"10Gi"}', '"capacity":{"storage":"5Gi"}'),
    rows: ["volume openclaw-data", "volume openclaw-workspace"],
    reason: /5Gi, but pack\.yaml requires 10Gi/,
  },
  {
    match: / get persistentvolumeclaims /,
    answer: (text) => {
      const claims: Json = JSON.parse(text);
      claims.items.find(({ metadata }: Json) => metadata.name === "openclaw-data").status = { phase: "Pending" };
      return JSON.stringify(claims);
    },
    rows: ["volume openclaw-data"],
    reason: /Pending, not Bound/,
  },
  {
    match: /^delete persistentvolumeclaim openclaw-data .*--dry-run=server/,
    fail: 'Error from server (Forbidden): User "me" cannot delete resource',
    rows: ["guard pvc openclaw-data"],
    reason: /User "me" cannot delete/,
  },
  {
    match: /^delete .*--dry-run=server/,
    answer: () => "deleted (server dry run)\n",
    rows: [
      "guard namespace openclaw",
      ...["litellm-spend", "openclaw-backups", "openclaw-data", "openclaw-workspace"].map((name) =>
        `guard pvc ${name}`
      ),
    ],
    reason: /it would be deleted/,
  },
  {
    match: /-- docker run /,
    answer: (text) => text.replace('"uid":1001', '"uid":0'),
    rows: ["sandbox user"],
    reason: /it runs as uid 0/,
  },
  {
    match: /^create /,
    fail: 'Error from server (Forbidden): pods "x" is forbidden: violates PodSecurity',
    rows: ["network any other pod -> all", "network backup -> all", "network cloudflared -> all"],
    reason: /violates PodSecurity/,
  },
];

Deno.test("each defect fails only its own rows, with a reason", async (t) => {
  for (const { rows: wanted, reason, ...change } of defects) {
    await t.step(`${wanted[0]}: ${reason.source}`, async () => {
      const { results } = await run({ changes: [change], input: ONE_NODE });
      assert.deepEqual(rows(results, "fail"), wanted);
      assert.match(reasonOf(results, wanted[0] ?? ""), reason);
    });
  }
});

/** Returns a change to the outcomes of connections, in the calls that `match` selects. */
function outcomes(match: RegExp, edit: (place: string, tries: string[]) => string[]): Change {
  return {
    match,
    answer: (text) => {
      const inside: Json = JSON.parse(text);
      for (const [place, tries] of Object.entries(inside.dials)) inside.dials[place] = edit(place, tries as string[]);
      return JSON.stringify(inside);
    },
  };
}

Deno.test("a destination that answers fails for every workload without a flow to it", async () => {
  const open = outcomes(/^exec .*--container=litellm -- python3 .* TARGETS$/, (_place, tries) => [...tries, "open"]);
  const { results } = await run({ changes: [open], input: ONE_NODE });
  const failed = rows(results, "fail");
  for (
    const place of [
      "192.168.1.1:80",
      "API server:443",
      "internet:53",
      "kubelet of node:10250",
      "openclaw:18789",
      "openclaw:2376",
    ]
  ) {
    assert.ok(failed.includes(`network litellm -> ${place}`), place);
    assert.match(reasonOf(results, `network litellm -> ${place}`), /^open, and no flow allows it$/);
  }
  assert.ok(failed.every((row) => row.startsWith("network litellm -> ")));
  // A flow opens this one.
  assert.ok(!failed.includes("network litellm -> internet:443"));
});

Deno.test("a blocked flow fails", async () => {
  const shut = outcomes(/^exec .*--container=openclaw -- node .* TARGETS$/, () => ["timeout", "timeout"]);
  const { results } = await run({ changes: [shut], input: ONE_NODE });
  assert.deepEqual(rows(results, "fail"), [
    "network openclaw -> DNS by TCP",
    "network openclaw -> DNS by UDP",
    "network openclaw -> internet:443",
    "network openclaw -> internet:80",
    "network openclaw -> litellm:4000",
  ]);
  assert.match(reasonOf(results, "network openclaw -> litellm:4000"), /^no answer in 3 s, but a flow allows it: /);
});

Deno.test("the sandbox must reach DNS and the internet, and no private address", async () => {
  const sandbox = /-- docker run /;
  const open = await run({ changes: [outcomes(sandbox, () => ["open"])], input: ONE_NODE });
  const failed = rows(open.results, "fail");
  assert.ok(failed.length > 12 && failed.every((row) => row.startsWith("sandbox -> ")), failed.join("\n"));
  for (const place of ["127.0.0.1:18789", "172.17.0.1:2376", "litellm:4000", "API server:443", "metadata:80"]) {
    assert.match(reasonOf(open.results, `sandbox -> ${place}`), /^open: the agent's commands can reach it$/, place);
  }
  const shut = await run({ changes: [outcomes(sandbox, () => ["timeout", "timeout"])], input: ONE_NODE });
  assert.deepEqual(
    rows(shut.results, "fail"),
    ["DNS by TCP", "DNS by UDP", "internet:443", "internet:80"].map((to) => `sandbox -> ${to}`),
  );
  const silent = await run({
    changes: [{ match: sandbox, answer: () => '{"uid":1000,"variables":[],"token":false,"dials":{}}' }],
  });
  assert.match(reasonOf(silent.results, "sandbox -> 127.0.0.1:18789"), /the sandbox did not try it/);
});

Deno.test("flows of pack.yaml without a pod, and those over UDP, are skipped", async () => {
  const flows: PackInput = {
    flows: [
      {
        to: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
        port: 8125,
        protocol: "UDP",
        why: "counts",
      },
    ],
  };
  const { results } = await run({ input: { ...ONE_NODE, ...flows } });
  assert.ok(rows(results, "skip").includes("network openclaw -> kube-system/kube-dns:8125 by UDP"));
  assert.ok(rows(results, "skip").includes("network cloudflared -> internet:7844 by UDP"));
});

/** Returns a change that moves the pods of some workloads to a separate node. */
const moved = (...workloads: string[]): Change => ({
  match: / get pods --namespace=\S+ --output=json$/,
  answer: (text) => {
    const pods: Json = JSON.parse(text);
    for (const pod of pods.items) {
      if (workloads.includes(pod.metadata.labels["app.kubernetes.io/name"])) pod.spec.nodeName = "keys";
    }
    return JSON.stringify(pods);
  },
});

Deno.test("a key on the gateway's node fails unless pack.yaml allows it", async () => {
  const apart = async (options: Run) =>
    (await run(options)).results.filter(({ check }) => check === "apart")
      .map(({ status, subject, reason }) =>
        `${status} ${subject}: ${reason.replaceAll(/-[0-9a-f]{8,10}-[a-z0-9]{5}\b/g, "")}`
      );
  const keysApart = (mode: "required" | "preferred" | "off"): PackInput => ({ cluster: { keysApart: mode } });

  assert.deepEqual(await apart({}), [
    "fail cloudflared: cloudflared shares node node with openclaw: anyone who takes over that node can read " +
    "cloudflared-credentials, and cluster.keysApart is required; apply overlays/prod, then delete the pod of cloudflared",
    "fail litellm: litellm shares node node with openclaw: anyone who takes over that node can read " +
    "litellm-credentials and key-proxy-credentials, and cluster.keysApart is required; apply overlays/prod, then delete the pod of litellm",
  ]);
  assert.match((await apart({ input: keysApart("preferred") })).join("\n"), /^pass litellm: .* is preferred/m);
  assert.match((await apart({ input: keysApart("off") })).join("\n"), /^skip litellm: .* is off$/m);
  assert.deepEqual(await apart({ changes: [moved("litellm", "cloudflared")] }), [
    "pass cloudflared: on keys, away from openclaw",
    "pass litellm: on keys, away from openclaw",
  ]);
  assert.deepEqual(await apart({ recording: "kind" }), [
    "skip litellm: overlays/kind keeps nothing apart: a trial has one node",
  ]);
});

Deno.test("the ssh sandbox's node counts like the gateway's, and pods that do not run are skipped", async () => {
  const apart = async (...changes: Change[]) =>
    (await run({ recording: "ssh", changes })).results.filter(({ check }) => check === "apart").map(({ status }) =>
      status
    );
  assert.deepEqual(await apart(moved("litellm", "cloudflared")), ["pass", "pass"]);
  assert.deepEqual(await apart(moved("litellm", "cloudflared", "openclaw")), ["fail", "fail"]);
  const pending: Change = {
    match: / get pods --namespace=\S+ --output=json$/,
    answer: (text) => text.replaceAll('"phase":"Running"', '"phase":"Pending"'),
  };
  assert.deepEqual(await apart(pending), ["skip", "skip"]);
});

Deno.test("verify creates and deletes only its own probe pods, and reads no values of Secrets", async () => {
  const { kubectl } = await run();
  const verbs = kubectl.calls.map((call) => call.replace(/^--request-timeout=\S+ /, ""));
  const created = verbs.filter((call) => call.startsWith("create ")).length;
  assert.equal(created, 3);
  const deletions = verbs.filter((call) => call.startsWith("delete "));
  for (const call of deletions) {
    assert.match(call, /--dry-run=server| pod probe-of-|--selector=openclaw-pack\/verify=true/);
  }
  assert.equal(deletions.filter((call) => call.startsWith("delete pod probe-of-")).length, created);
  const known = new Set(["get", "exec", "delete", "create", "wait", "api-resources", "forward", "kustomize"]);
  for (const call of verbs) assert.ok(known.has(call.split(" ")[0] ?? ""), call);
  const secrets = verbs.filter((call) => call.startsWith("get secret "));
  assert.equal(secrets.length, 4);
  for (const call of secrets) {
    assert.match(
      call,
      / --output=go-template=\{\{range \$key, \$_ := \.data\}\}\{\{\$key\}\}\{\{"\\n"\}\}\{\{end\}\}$/,
    );
  }
});

Deno.test("the overlay is detected from the cluster, and one sign of production is enough", async () => {
  const detected = async (recording: RecordingName, ...changes: Change[]) => {
    const recorded = await readRecording(recording);
    return await detectOverlay(await playBack(recorded, changes), await modelOf(recorded.input));
  };
  for (const [name, { overlay }] of Object.entries(RECORDED)) {
    assert.equal(await detected(name as RecordingName), overlay);
  }
  const without = (match: RegExp): Change => ({ match, answer: () => "" });
  const signs = [
    / deployment cloudflared /,
    / validatingadmissionpolicies /,
    / validatingadmissionpolicybindings /,
    / namespace openclaw /,
  ];
  for (const left of signs) {
    const others = signs.filter((sign) => sign !== left).map(without);
    assert.equal(await detected("prod", ...others), "prod", left.source);
  }
  const external: Change = { match: /^get externalsecrets\S+ --namespace=openclaw /, answer: () => "one\n" };
  assert.equal(await detected("prod", ...signs.map(without), external), "kind-eso");
});

Deno.test("a missing namespace is reported, and one that the user may not read is accepted", async () => {
  const required = async (change: Change) => {
    const kubectl = await playBack({ input: {}, calls: [] }, [change]);
    await requireNamespace(kubectl, "openclaw");
  };
  const match = /get namespace openclaw/;
  await assert.rejects(required({ match, fail: 'Error from server (NotFound): namespaces "openclaw" not found' }), {
    name: "KubectlFailed",
    message: "no namespace openclaw in recorded: is it deployed there, and under this name?",
  });
  await assert.rejects(required({ match, fail: "Unable to connect to the server" }), {
    message: "recorded: Unable to connect to the server",
  });
  await required({ match, fail: "Error from server (Forbidden): no" });
});

Deno.test("a backup that is suspended, missing, changed or failing is reported, and a trial's is not", async () => {
  const found = async (options: Run) => {
    const { results } = await run({ input: ONE_NODE, ...options });
    return results.filter(({ check }) => check === "backup").map(({ status, subject, reason }) =>
      `${status} ${subject}: ${reason}`
    );
  };
  assert.deepEqual(await found({}), [
    "pass openclaw-backup: runs at 17 3 * * * Asia/Tokyo",
    "pass newest good archive: of 2026-11-26T03:20:00Z",
  ]);
  const [suspended, still] = await found({ cronJob: ({ spec }) => spec.suspend = true });
  assert.match(String(suspended), /^fail openclaw-backup: it is suspended; kubectl .* patch cronjob openclaw-backup /);
  assert.match(String(still), /^pass/);
  const changes: [edit: (spec: Json) => void, path: RegExp][] = [
    [(spec) => spec.schedule = "0 0 31 2 *", /in spec\.schedule;/],
    [
      ({ jobTemplate: { spec: { template } } }) => template.spec.containers[0].image = "miner",
      /containers\[0\]\.image;/,
    ],
    [({ jobTemplate: { spec: { template } } }) => template.spec.volumes.pop(), /template\.spec\.volumes;/],
    [({ jobTemplate: { spec: { template } } }) => template.spec.containers.push({ name: "miner" }), /\.containers;/],
  ];
  for (const [edit, path] of changes) {
    const [changed] = await found({ cronJob: ({ spec }) => edit(spec) });
    assert.match(String(changed), /^fail openclaw-backup: it differs from overlays\/prod in /);
    assert.match(String(changed), path);
  }
  const missing = { match: /get cronjob /, answer: () => "" };
  for (const row of await found({ changes: [missing] })) assert.match(row, /^fail .*: no CronJob openclaw-backup in /);
  const [, old] = await found({ cronJob: ({ status }) => status.lastSuccessfulTime = "2026-11-24T04:19:00Z" });
  assert.match(String(old), /^fail newest good archive: it is of 2026-11-24T04:19:00Z, and more than 48 hours old; /);
  const [, none] = await found({ cronJob: (cronJob) => cronJob.status = {} });
  assert.match(String(none), /^fail newest good archive: there is none; /);
  const fresh = (cronJob: Json) => {
    cronJob.status = {};
    cronJob.metadata.creationTimestamp = "2026-11-25T12:00:00Z";
  };
  assert.match(String((await found({ cronJob: fresh }))[1]), /^skip newest good archive: no night has passed yet$/);
  for (const row of await found({ recording: "kind" })) assert.match(row, /^skip .*: a trial suspends it/);
});
