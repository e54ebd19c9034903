import assert from "node:assert/strict";
import type { PackInput } from "openclaw-pack";
import type { Result, Status } from "../../../../src/commands/verify/check.ts";
import type { Overlay } from "../../../../src/commands/verify/expected.ts";
import { PUBLIC_ADDRESS } from "../../../../src/commands/verify/surroundings.ts";
import { preflight } from "../../../../src/cluster/preflight.ts";
import { detectOverlay, verify } from "../../../../src/commands/verify/verify.ts";
import { modelOf, S3, SSH } from "../../../support/support.ts";
import { type Change, KEYS_NODE, type Standin, standin } from "./standin.ts";

const DEFAULT = await modelOf();

interface Run {
  readonly input?: PackInput;
  readonly overlay?: Overlay;
  readonly changes?: readonly Change[];
  readonly offline?: boolean;
}

async function run({ input, overlay = "prod", changes = [], offline = false }: Run = {}) {
  const model = input === undefined ? DEFAULT : await modelOf(input);
  const kubectl = standin(model, overlay, changes);
  await using cleanup = new AsyncDisposableStack();
  const world = { internet: offline ? undefined : PUBLIC_ADDRESS, shut: [{ host: "192.168.1.1", port: 80 }] };
  // No policy engine to wait for.
  const results = await verify(kubectl, { model, overlay, world, cleanup, settle: { within: 0, every: 0 } });
  return { results, kubectl, cleanup };
}

const rows = (results: readonly Result[], wanted: Status) =>
  results.filter(({ status }) => status === wanted).map(({ check, subject }) => `${check} ${subject}`).toSorted();
const reasonOf = (results: readonly Result[], row: string) =>
  results.find(({ check, subject }) => `${check} ${subject}` === row)?.reason ?? "";

Deno.test("a cluster as it should be passes, whatever the overlay and the sandbox", async () => {
  for (
    const options of [
      {},
      { overlay: "kind" },
      { overlay: "kind-eso" },
      { input: SSH },
      { input: S3 },
      { offline: true },
    ] satisfies Run[]
  ) {
    const { results } = await run(options);
    assert.deepEqual(results.filter(({ status }) => status === "fail"), []);
    assert.ok(rows(results, "pass").length > 30);
  }
});

Deno.test("the Secret of a CronJob is looked at too", async () => {
  const row = "secret backup-credentials";
  assert.ok(rows((await run({ input: S3 })).results, "pass").includes(row));
  const lost: Change = { match: /^get secret backup-credentials /, answer: () => "" };
  assert.ok(rows((await run({ input: S3, changes: [lost] })).results, "fail").includes(row));
  assert.ok(!(await run()).results.some(({ check, subject }) => `${check} ${subject}` === row));
});

Deno.test("what does not apply is skipped with its reason", async () => {
  const { results } = await run({ overlay: "kind", offline: true });
  const skipped = rows(results, "skip");
  for (const row of ["externalsecret openclaw-es", "guard pvc openclaw-data", "tool codex", "network internet"]) {
    assert.ok(skipped.includes(row), row);
  }
  assert.ok(results.every(({ reason }) => reason !== ""));
  assert.ok(!results.some(({ subject }) => subject.includes("cloudflared")));
  // Nobody knows whether a router's port is one.
  assert.ok(skipped.includes("network litellm -> 192.168.1.1:80"));
});

const faults:
  readonly (Change & { readonly rows: readonly string[]; readonly reason: RegExp; readonly overlay?: Overlay })[] = [
    {
      match: /^get deployment litellm /,
      answer: (text) =>
        text.replace('"available":1', '"available":0').replace('"True"', '"False"').replace(
          "[null]",
          '["too few",null]',
        ),
      rows: ["deployment litellm"],
      reason: /0 of 1 pods are available: too few/,
    },
    {
      match: /^get deployment litellm /,
      answer: (text) => text.replace('"generation":1', '"generation":2'),
      rows: ["deployment litellm"],
      reason: /generation 2 not yet observed/,
    },
    {
      match: /^get pods .*name=litellm/,
      answer: (text) => text.replace(/v1\.104\.2@sha256:\w+/, "v9"),
      rows: ["images litellm"],
      reason: /litellm runs .*:v9, pack\.yaml pins .*v1\.104\.2@sha256/,
    },
    {
      match: /^get pods .*name=cloudflared/,
      answer: (text) =>
        text.replace('"env":[', '"env":[{"name":"X","secret":"openclaw-credentials","key":"GITHUB_TOKEN"},'),
      rows: ["environment cloudflared"],
      reason: /cloudflared has X \(openclaw-credentials\/GITHUB_TOKEN\), which is not its own/,
    },
    {
      match: /^get pods .*name=cloudflared/,
      answer: (text) =>
        text.replace('"env":[', '"env":[{"name":"GITHUB_TOKEN"},').replace('"envFrom":false', '"envFrom":true'),
      rows: ["environment cloudflared"],
      reason: /whole Secret or ConfigMap; cloudflared has GITHUB_TOKEN \(written out\)/,
    },
    {
      match: /^get pods .*name=cloudflared/,
      answer: (text) => text.replace('"token":""', '"token":"yes"'),
      rows: ["token cloudflared"],
      reason: /token is mounted/,
    },
    {
      match: /^get secret litellm-credentials /,
      answer: (text) => `${text}GITHUB_TOKEN\n`,
      rows: ["secret litellm-credentials"],
      reason: /it has GITHUB_TOKEN, which litellm has no use for/,
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
      rows: [
        "externalsecret cloudflared-es",
        "externalsecret key-proxy-es",
        "externalsecret litellm-es",
        "externalsecret openclaw-es",
      ],
      reason: /no externalsecrets/,
    },
    {
      match: /^exec .*--container=litellm -- python3/,
      answer: (text) => text.replace('"PATH"', '"GITHUB_TOKEN"'),
      rows: ["process litellm"],
      reason: /it sees GITHUB_TOKEN, which is not its own/,
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
      reason: /it says codex-cli 0\.1\.0, pack\.yaml pins \d/,
    },
    {
      match: /^forward openclaw cloudflared-1 2000/,
      fail: "error: pod is not running",
      rows: ["probe cloudflared /ready"],
      reason: /pod is not running/,
    },
    {
      match: /^get pvc openclaw-data /,
      answer: () => "Bound 5Gi longhorn",
      rows: ["volume openclaw-data"],
      reason: /5Gi, but pack\.yaml wants 10Gi/,
    },
    {
      match: /^get pvc openclaw-data /,
      answer: () => "Pending  longhorn",
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
      match: /^exec .*--container=litellm -- python3 /s,
      answer: (text) => text.replaceAll('["timeout","timeout"]', '["timeout","open"]'),
      rows: [
        "network litellm -> 192.168.1.1:80",
        "network litellm -> API server:443",
        "network litellm -> cloudflared:2000",
        "network litellm -> internet:53",
        "network litellm -> internet:53 by UDP",
        "network litellm -> internet:7844",
        "network litellm -> internet:80",
        "network litellm -> kube-system/kube-dns:8181",
        "network litellm -> kubelet of keys:10250",
        "network litellm -> kubelet of node:10250",
        "network litellm -> metadata:80",
        "network litellm -> openclaw:18789",
        "network litellm -> openclaw:2376",
      ],
      reason: /open, and no flow allows it/,
    },
    {
      match: /-- docker run /,
      answer: (text) => text.replace('"uid":1000', '"uid":0'),
      rows: ["sandbox user"],
      reason: /it runs as uid 0/,
    },
    {
      // Whatever the gateway's flows open.
      match: /-- docker run /,
      answer: (text) => text.replaceAll('["timeout","timeout"]', '["timeout","open"]'),
      rows: [
        ...["10.244.0.3", "127.0.0.1", "172.17.0.1"].flatMap((host) => [`${host}:18789`, `${host}:2376`]),
        "192.168.1.1:80",
        "API server:443",
        "cloudflared:2000",
        "kube-system/kube-dns:8181",
        "kubelet of keys:10250",
        "kubelet of node:10250",
        "litellm:4000",
        "litellm:4002",
        "metadata:80",
      ].map((to) => `sandbox -> ${to}`),
      reason: /open: the agent's commands reach it/,
    },
    {
      // One without any network.
      match: /-- docker run /,
      answer: (text) => text.replaceAll('["open"]', '["timeout","timeout"]'),
      rows: ["DNS by TCP", "DNS by UDP", "internet:443", "internet:80"].map((to) => `sandbox -> ${to}`),
      reason: /no answer in 3 s, but the agent's commands need it/,
    },
    {
      match: /-- docker run /,
      answer: (text) => text.replace('{"id":0,"tries":["timeout","timeout"]},', ""),
      rows: ["sandbox -> 127.0.0.1:18789"],
      reason: /the sandbox did not dial it/,
    },
    {
      match: /^create /,
      fail: 'Error from server (Forbidden): pods "x" is forbidden: violates PodSecurity',
      rows: ["network any other pod -> all", "network backup -> all", "network cloudflared -> all"],
      reason: /violates PodSecurity/,
    },
  ];

Deno.test("flows of pack.yaml are dialled where their pods run; one by UDP cannot be told", async () => {
  const input: PackInput = {
    flows: [
      { to: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } }, port: 9153, why: "reads metrics" },
      { to: { namespace: "monitoring", name: "grafana" }, port: 3000, why: "reads dashboards" },
      { to: { namespace: "monitoring", name: "statsd" }, port: 8125, protocol: "UDP", why: "counts" },
    ],
  };
  const { results } = await run({ input });
  assert.ok(rows(results, "skip").includes("network monitoring/grafana:3000"));
  assert.ok(rows(results, "skip").includes("network openclaw -> monitoring/statsd:8125 by UDP"));
  assert.ok(rows(results, "skip").includes("network cloudflared -> internet:7844 by UDP"));
  // The stand-in's policies know no pod of another namespace: what must be open is red.
  assert.deepEqual(rows(results, "fail"), ["network openclaw -> kube-system/kube-dns:9153"]);
  // The flow is the gateway's alone.
  assert.ok(rows(results, "skip").includes("sandbox -> kube-system/kube-dns:9153"));
});

Deno.test("each fault turns its own rows red, with what is wrong", async (t) => {
  for (const { rows: wanted, reason, overlay = "prod", ...change } of faults) {
    await t.step(`${wanted[0]}: ${reason.source}`, async () => {
      const { results } = await run({ overlay, changes: [change] });
      assert.deepEqual(rows(results, "fail"), wanted);
      assert.match(reasonOf(results, wanted[0] ?? ""), reason);
    });
  }
});

/** Every pod on one node, as after a gateway that was moved by hand. */
const oneNode: Change = { match: /^get pods /, answer: (text) => text.replaceAll(`"${KEYS_NODE}"`, '"node"') };

Deno.test("a key on the gateway's node is red, unless pack.yaml allows it", async () => {
  const apart = async (input: PackInput, changes: readonly Change[] = [oneNode], overlay: Overlay = "prod") =>
    (await run({ input, overlay, changes })).results.filter(({ check }) => check === "apart")
      .map(({ status, subject, reason }) => `${status} ${subject}: ${reason}`);
  const keysApart = (mode: "required" | "preferred" | "off"): PackInput => ({ cluster: { keysApart: mode } });

  assert.deepEqual(await apart({}), [
    "fail cloudflared: cloudflared-1 shares node node with openclaw-1: whoever takes over that node reads " +
    "cloudflared-credentials, and cluster.keysApart is required; apply overlays/prod, then delete the pod of cloudflared",
    "fail litellm: litellm-1 shares node node with openclaw-1: whoever takes over that node reads " +
    "litellm-credentials and key-proxy-credentials, and cluster.keysApart is required; apply overlays/prod, then delete the pod of litellm",
  ]);
  assert.match((await apart(SSH)).join("\n"), /^fail litellm: .*with openclaw-1; litellm-1 .*with sandbox-1: /m);
  assert.match((await apart(keysApart("preferred"))).join("\n"), /^pass litellm: .* with openclaw-1; .* is preferred/m);
  assert.match((await apart(keysApart("off"))).join("\n"), /^skip litellm: .* with openclaw-1; .* is off$/m);
  assert.deepEqual(await apart({}, []), [
    "pass cloudflared: on keys, away from openclaw-1",
    "pass litellm: on keys, away from openclaw-1",
  ]);
  assert.deepEqual(await apart({}, [], "kind"), [
    "skip litellm: overlays/kind keeps nothing apart: a trial has one node",
  ]);
});

Deno.test("the sandbox's node alone may be the keys' trouble; a pod that does not run tells nothing", async () => {
  const sandboxThere: Change = {
    match: /^get pods .*name=sandbox/,
    answer: (text) => text.replace('"node":"node"', `"node":"${KEYS_NODE}"`),
  };
  const apart = async (...changes: Change[]) =>
    (await run({ input: SSH, changes })).results.filter(({ check }) => check === "apart").map(({ status }) => status);
  assert.deepEqual(await apart(sandboxThere), ["fail", "fail"]);
  const away = (name: string): Change => ({
    match: new RegExp(`^get pods .*name=${name}`),
    answer: (text) => text.replace('"Running"', '"Pending"'),
  });
  assert.deepEqual(await apart(away("litellm")), ["pass", "skip"]);
  assert.deepEqual(await apart(away("openclaw"), away("sandbox")), ["skip", "skip"]);
});

Deno.test("a guard that lets go is red", async () => {
  const { results } = await run({
    changes: [{ match: /^delete .*--dry-run=server/, answer: () => "deleted (server dry run)\n" }],
  });
  assert.deepEqual(rows(results, "fail"), [
    "guard namespace openclaw",
    "guard pvc litellm-spend",
    "guard pvc openclaw-data",
  ]);
});

Deno.test("nothing is deleted but as a dry run, and what was made for it; no value is asked for", async () => {
  const { kubectl } = await run();
  const created = kubectl.calls.filter(([verb]) => verb === "create").length;
  assert.equal(created, 3);
  const deletions = kubectl.calls.filter(([verb]) => verb === "delete");
  for (const args of deletions) {
    assert.ok(
      args.includes("--dry-run=server") || args[1] === "pod" &&
          (args[2]?.startsWith("openclaw-verify-") || args.includes("--selector=openclaw-pack/verify=true")),
      args.join(" "),
    );
  }
  assert.equal(deletions.filter(([, , name]) => name?.startsWith("openclaw-verify-")).length, created);
  const writing = new Set(["get", "exec", "delete", "create", "wait", "api-resources", "forward"]);
  for (const [verb = ""] of kubectl.calls) assert.ok(writing.has(verb), verb);
  for (const args of kubectl.calls.filter(([verb, kind]) => verb === "get" && kind === "secret")) {
    const output = args.find((arg) => arg.startsWith("--output="));
    assert.equal(output, '--output=go-template={{range $key, $_ := .data}}{{$key}}{{"\\n"}}{{end}}');
  }
});

Deno.test("the overlay is told by what is there; any sign of production is enough", async () => {
  const model = await modelOf();
  const detected = async (overlay: Overlay, ...changes: Change[]) => {
    const kubectl: Standin = standin(model, overlay, changes);
    return await detectOverlay(kubectl, model);
  };
  assert.equal(await detected("prod"), "prod");
  assert.equal(await detected("kind"), "kind");
  assert.equal(await detected("kind-eso"), "kind-eso");
  const lost: Change = { match: /^get deployment /, answer: () => "" };
  assert.equal(await detected("prod", lost), "kind");
  assert.equal(
    await detected("kind", { match: /^get validatingadmissionpolicybinding /, answer: () => "one\n" }),
    "prod",
  );
  assert.equal(await detected("kind", { match: /^get namespace /, answer: () => "Prune=false,Delete=false" }), "prod");
});

Deno.test("a context or a namespace that is none is told with what there is", async () => {
  const model = await modelOf();
  const contexts: Change = { match: /^config /, answer: () => "kind-a\nlolice\n" };
  const check = async (context: string, ...changes: Change[]) => {
    const kubectl = standin(model, "prod", [contexts, ...changes]);
    await preflight(kubectl, context, "openclaw");
  };
  await check("lolice");
  await assert.rejects(check("lolic"), {
    name: "KubectlFailed",
    message: "no context lolic; expected one of: kind-a, lolice",
  });
  await assert.rejects(
    check("lolice", { match: /get namespace/, fail: 'Error from server (NotFound): namespaces "openclaw" not found' }),
    { message: "no namespace openclaw in lolice: is it deployed there, and under this name?" },
  );
  await assert.rejects(check("lolice", { match: /get namespace/, fail: "Unable to connect to the server" }), {
    message: "lolice: Unable to connect to the server",
  });
  await check("lolice", { match: /get namespace/, fail: "Error from server (Forbidden): no" });
});
