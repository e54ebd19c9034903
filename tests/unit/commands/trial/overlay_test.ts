import assert from "node:assert/strict";
import { applyOverlay } from "../../../../src/commands/trial/apply.ts";
import { connect } from "../../../../src/cluster/kubectl.ts";
import { deleteOverlay } from "../../../../src/commands/trial/down.ts";
import { OWN_OVERLAY, parseOverlay, readOverlay, TRIAL_OVERLAY } from "../../../../src/commands/trial/overlay.ts";
import { refuseForeignNamespaces } from "../../../../src/commands/trial/ownership.ts";
import { refuseProduction } from "../../../../src/commands/trial/refuse_production.ts";
import { type Answer, recordedMachine } from "./recorded_machine.ts";
import { rendered, trialOverlay } from "./trial_objects.ts";

const gateway = { namespace: "openclaw", name: "openclaw" };
const litellm = { namespace: "openclaw", name: "litellm" };

/** A cluster whose kubectl returns the first answer whose key is part of the command line. */
async function clusterWith(answers: Readonly<Record<string, Answer>>) {
  const machine = recordedMachine((call) => {
    if (call.includes("get-contexts")) return "trial\nother\n";
    return Object.entries(answers).find(([part]) => call.includes(part))?.[1] ?? "";
  });
  return { machine, cluster: await connect("trial", undefined, machine) };
}

Deno.test("a trial reads what it needs from the rendered overlay", async () => {
  const overlay = await trialOverlay();
  assert.deepEqual(overlay, {
    path: TRIAL_OVERLAY,
    namespaces: ["openclaw"],
    workloads: [gateway, litellm],
    secrets: [
      { workload: gateway, secret: "openclaw/openclaw-credentials" },
      { workload: litellm, secret: "openclaw/litellm-credentials" },
      { workload: litellm, secret: "openclaw/key-proxy-credentials" },
    ],
    gateway: {
      ...gateway,
      container: "openclaw",
      port: 18789,
      token: { secret: "openclaw-credentials", key: "OPENCLAW_GATEWAY_TOKEN" },
    },
  });
});

Deno.test("an overlay without a gateway or its token is not a trial", async () => {
  const text = await rendered();
  const tokenless = text.replaceAll("OPENCLAW_GATEWAY_TOKEN", "ANOTHER");
  assert.throws(() => parseOverlay("x", tokenless), { name: "TrialFailed", message: /needs gateway\.auth: token/ });
  const [namespace = ""] = text.split("---\n").slice(1, 2);
  assert.throws(() => parseOverlay("x", namespace), { name: "TrialFailed", message: /^x has no Deployment openclaw/ });
});

Deno.test("the user's own overlay has precedence, and a missing overlay is reported", async () => {
  const text = await rendered();
  for (
    const [files, path] of [[[TRIAL_OVERLAY], TRIAL_OVERLAY], [
      [`${OWN_OVERLAY}/kustomization.yaml`],
      OWN_OVERLAY,
    ]] as const
  ) {
    const machine = recordedMachine(() => text, files);
    assert.equal((await readOverlay(machine)).path, path);
    assert.deepEqual(machine.calls, [`kubectl kustomize ${path}`]);
  }
  await assert.rejects(readOverlay(recordedMachine(() => "")), { message: /not found; run deno task gen/ });
});

Deno.test("an unknown context is reported with the existing ones", async () => {
  const machine = recordedMachine(() => "a\nb\n");
  await assert.rejects(connect("c", "advice", machine), {
    name: "KubectlFailed",
    message: "no context c in the kubeconfig; expected one of: a, b\nadvice",
  });
  assert.deepEqual(machine.calls, ["kubectl config get-contexts --output=name"]);
});

Deno.test("production is refused by each of its signs, and if the cluster does not answer", async (t) => {
  const unknown = { code: 1, stderr: 'error: the server doesn\'t have a resource type "applications"\n' };
  const cases: [string, Readonly<Record<string, Answer>>, RegExp | undefined][] = [
    ["an empty cluster", {}, undefined],
    ["a cluster without Argo CD", { "applications.argoproj.io": unknown }, undefined],
    [
      "the data guard",
      { validatingadmissionpolicies: "policy/openclaw-data-guard\n" },
      /^trial holds production \(the data guard/,
    ],
    ["the Application", { "applications.argoproj.io": "application/openclaw\n" }, /Argo CD's Application openclaw/],
    [
      "the data guard's binding",
      { validatingadmissionpolicybindings: "binding/openclaw-data-guard\n" },
      /^trial holds production \(the data guard/,
    ],
    [
      "a namespace that Argo CD must not prune",
      { "get namespace openclaw": "Prune=false,Delete=false" },
      /namespace openclaw, which Argo CD must not prune/,
    ],
    ["a tunnel", { "deployment cloudflared": "deployment.apps/cloudflared\n" }, /a tunnel, Deployment cloudflared/],
    [
      "forbidden",
      { validatingadmissionpolicies: { code: 1, stderr: "Error: forbidden\n" } },
      /^cannot tell .*: Error: forbidden$/,
    ],
  ];
  for (const [name, answers, message] of cases) {
    await t.step(name, async () => {
      const { cluster } = await clusterWith(answers);
      const refused = refuseProduction(cluster, (await trialOverlay()).namespaces);
      await (message === undefined ? refused : assert.rejects(refused, { name: "TrialFailed", message }));
    });
  }
});

Deno.test("a Deployment restarts if its Secret changed, but not if the Secret is new", async () => {
  const overlay = await trialOverlay();
  const versions = (gateway: number, litellm?: number) =>
    `openclaw openclaw-credentials ${gateway}\n${
      litellm === undefined ? "" : `openclaw litellm-credentials ${litellm}\n`
    }`;
  const cases = [
    [versions(1, 2), versions(1, 2), [], 1],
    [versions(1, 2), versions(1, 3), ["litellm"], 2],
    [versions(1), versions(1, 3), [], 2],
  ] as const;
  for (const [before, after, restarted, changed] of cases) {
    let asked = 0;
    const machine = recordedMachine((call) => {
      if (call.includes("get-contexts")) return "trial\n";
      if (call.includes(" apply ")) return "namespace/openclaw unchanged\nsecret/a configured\ndeployment/b created\n";
      return call.includes(" get secrets ") ? asked++ === 0 ? before : after : "";
    });
    const applied = await applyOverlay(await connect("trial", undefined, machine), overlay);
    assert.deepEqual(applied, { objects: 3, changed, restarted });
    assert.deepEqual(
      machine.calls.filter((call) => call.includes("rollout")),
      restarted.map((name) => `kubectl --context=trial rollout restart deployment ${name} --namespace=openclaw`),
    );
    assert.ok(
      !machine.calls.some((call) => / get secrets .*(json|yaml|\.data|stringData)/.test(call)),
      "no values are requested",
    );
  }
});

Deno.test("objects left after a deletion are named", async () => {
  const overlay = await trialOverlay();
  const volume = (namespace: string, name: string) => ({ metadata: { name }, spec: { claimRef: { namespace } } });
  const volumes = JSON.stringify({ items: [volume("other", "pv-1"), volume("openclaw", "pv-2")] });
  const kept = await clusterWith({ persistentvolumes: volumes });
  assert.deepEqual(await deleteOverlay(kept.cluster, overlay, 60), { left: ["persistentvolume/pv-2"], kept: [] });
  assert.ok(
    kept.machine.calls.includes(
      `kubectl --context=trial delete -k ${TRIAL_OVERLAY} --ignore-not-found --wait --timeout=60s`,
    ),
  );
  const stuck = await clusterWith({
    "delete -k": { code: 1, stderr: "error: timed out\n" },
    namespaces: "namespace/openclaw\n",
    persistentvolumes: '{"items":[]}',
  });
  assert.deepEqual(await deleteOverlay(stuck.cluster, overlay, 60), {
    why: "error: timed out",
    left: ["namespace/openclaw"],
    kept: [],
  });
});

Deno.test("a namespace that no trial created is refused", async () => {
  const cases: [string, RegExp | undefined][] = [
    ["", undefined],
    ["openclaw true", undefined],
    [
      "openclaw ",
      /^namespace openclaw in trial exists and no trial created it, so nothing was done; .* label namespace/s,
    ],
    ["openclaw false", /no trial created it/],
  ];
  for (const [answer, message] of cases) {
    const { cluster } = await clusterWith({ "get namespace openclaw": answer });
    const refused = refuseForeignNamespaces(cluster, ["openclaw"]);
    await (message === undefined ? refused : assert.rejects(refused, { name: "TrialFailed", message }));
  }
});

Deno.test("what no trial created stays, and keeps its namespace", async () => {
  const overlay = await trialOverlay();
  const listed = [
    "ServiceAccount/default  ",
    "ConfigMap/kube-root-ca.crt  ",
    "Deployment/openclaw true ",
    "ReplicaSet/openclaw-5b8f  openclaw",
    "PersistentVolumeClaim/world  ",
    "Deployment/minecraft  ",
    "ReplicaSet/minecraft-77  minecraft",
    // Its owner is not in the namespace, and goes on without it.
    "PersistentVolumeClaim/owned-elsewhere  operator",
    "ConfigMap/marked-otherwise false ",
  ];
  const { machine, cluster } = await clusterWith({
    "api-resources": "configmaps\nevents\npersistentvolumeclaims\ndeployments.apps\npods.metrics.k8s.io\n",
    "get configmaps,persistentvolumeclaims,deployments.apps --namespace=openclaw": `${listed.join("\n")}\n`,
  });
  assert.deepEqual(await deleteOverlay(cluster, overlay, 60), {
    left: [],
    kept: [
      "configmap/marked-otherwise",
      "deployment/minecraft",
      "persistentvolumeclaim/owned-elsewhere",
      "persistentvolumeclaim/world",
    ],
  });
  const deletions = machine.calls.filter((call) => call.includes(" delete "));
  assert.equal(deletions.length, 1);
  assert.match(deletions[0] ?? "", / --namespace=openclaw --selector=openclaw-pack\/trial=true --ignore-not-found /);
  assert.doesNotMatch(deletions[0] ?? "", /namespaces|-k /);
});

Deno.test("a namespace that is still being deleted is reported in two lines, with what to wait for", async () => {
  const object = (name: string) =>
    `Error from server (Forbidden): error when creating "x": ${name} is forbidden: ` +
    "unable to create new content in namespace openclaw because it is being terminated\n";
  const { cluster } = await clusterWith({ "apply -k": { code: 1, stderr: object("a") + object("b") } });
  await assert.rejects(applyOverlay(cluster, await trialOverlay()), {
    name: "TrialFailed",
    message: "namespace openclaw is still being deleted; wait for it, then run deno task trial up again:\n" +
      "  kubectl --context trial wait --for=delete namespace/openclaw --timeout=5m",
  });
});
