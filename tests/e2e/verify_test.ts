/**
 * `deno task verify` on a real node: a complete deployment passes, and each defect fails its own rows.
 *
 * The deployment is overlays/prod without External Secrets (so those rows must fail) and Discord, which this node lacks. The local
 * trial is checked on a given cluster too, with what kubectl can break.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import type { Result } from "../../src/commands/verify/results.ts";
import { PUBLIC_ADDRESS } from "../../src/commands/verify/surroundings.ts";
import { tool } from "../support/tools.ts";
import type { Json } from "../support/support.ts";
import { acceptor } from "../support/runtime/listener.ts";
import { runTask, taskCommand } from "../unit/tasks/process.ts";
import { type TempDir, tempDir } from "../support/temp_dir.ts";
import { type Cluster, givenOr, type OwnCluster, startCluster, WORLD_ADDRESS } from "../support/cluster/cluster.ts";
import { givenKubeconfig } from "../support/cluster/given.ts";
import { imagesOf } from "../support/cluster/images.ts";
import { until } from "../support/cluster/kubectl.ts";
import { clusterRuntime } from "../support/cluster/needs.ts";
import { deployProduction, gatewayPod } from "../support/cluster/production.ts";
import { FIREWALL_SCRIPT, inDaemon, OPEN_FORWARD, OPEN_INPUT } from "../support/cluster/reach_pods.ts";
import { inPod, KIND, loadSandboxImage, NAMESPACE, objectsIn, say, untilAvailable } from "../support/cluster/trial.ts";
import { isOpen } from "../support/cluster/connections.ts";

const runtime = await tool("a Kubernetes node", clusterRuntime);

const isGiven = givenKubeconfig() !== undefined;
if (isGiven) {
  console.error(
    "*** SKIPPED on a given cluster: verify on production (it needs fakes of cloudflared and the internet)",
  );
}

const INPUT = { discord: { enabled: false } };

Deno.test({
  name: "verify passes on a real node, and each defect fails its own rows",
  ignore: runtime.ignore || isGiven,
  fn: async (t) => {
    await using cluster = await startCluster();
    await using dir = await tempDir();
    await dir.write("pack.yaml", stringify(INPUT));
    await using web = acceptor("127.0.0.1");
    for (const port of [443, 80, 7844, 53]) await cluster.serveWorld(port, web.port);
    // In production, a missing Anthropic key is a separate error.
    const real = { "key-proxy": { ANTHROPIC_API_KEY: "sk-ant-fake-key-of-a-test" } };
    await deployProduction(cluster, INPUT, { real });

    const verify = async (...args: string[]) => {
      const all = ["--context", "cluster", "--internet", WORLD_ADDRESS, "--json", ...args];
      const { code, stdout, stderr } = await runTask("verify", dir, all, { KUBECONFIG: cluster.kubeconfig });
      assert.equal(stderr, "");
      const results = JSON.parse(stdout) as Result[];
      if (Deno.env.has("OPENCLAW_PACK_DEBUG")) console.error(JSON.stringify(results, null, 1));
      return { code, results, failed: rows(results, "fail") };
    };
    // These fail in every run: there is only one node, it lacks External Secrets, and it cannot download the tools.
    const alwaysFailed = [
      ...["cloudflared", "litellm"].map((name) => `apart ${name}`),
      ...["cloudflared", "key-proxy", "litellm", "openclaw"].map((name) => `externalsecret ${name}-es`),
      ...["codex", "gh"].map((name) => `tool ${name}`),
    ];
    const probePods = async () =>
      (await cluster.run(["get", "pods", "-A", "-l", "openclaw-pack/verify", "-o", "name"])).trim();

    await t.step("a complete deployment passes", async () => {
      const { code, results, failed } = await verify();
      assert.deepEqual(failed, alwaysFailed);
      assert.equal(code, 1);
      const passed = rows(results, "pass");
      for (
        const row of [
          "probe cloudflared /ready",
          "guard namespace openclaw",
          "guard pvc openclaw-data",
          "guard pvc litellm-spend",
          "key ANTHROPIC_API_KEY",
          "budget models",
          "process key-proxy",
          "network cloudflared -> litellm:4002",
          "network openclaw -> litellm:4002",
          "network cloudflared -> openclaw:18789",
          "network cloudflared -> internet:7844",
          "network cloudflared -> litellm:4000",
          "network litellm -> openclaw:18789",
          "network litellm -> cloudflared:2000",
          "network any other pod -> API server:443",
          "sandbox user",
          "sandbox -> litellm:4000",
          "sandbox -> DNS by TCP",
          "sandbox -> DNS by UDP",
          "sandbox -> internet:443",
        ]
      ) assert.ok(passed.includes(row), `${row} did not pass`);
      assert.equal(await probePods(), "");
    });

    await t.step("without the firewall in the gateway's pod, a sandbox reaches LiteLLM", async () => {
      await inDaemon(cluster, ...OPEN_FORWARD);
      assert.deepEqual((await verify()).failed, [...alwaysFailed, "sandbox -> litellm:4000"].toSorted());
      await inDaemon(cluster, ...FIREWALL_SCRIPT);
    });

    await t.step("each defect fails its own rows", async () => {
      await breakThings(cluster);
      const { code, failed } = await verify();
      const pod = await gatewayPod(cluster);
      assert.equal(code, 1);
      assert.deepEqual(
        failed,
        [
          ...alwaysFailed,
          // An extra key, and a missing one.
          "secret key-proxy-credentials",
          "secret openclaw-credentials",
          // Another image; another workload's secret; a token.
          "images cloudflared",
          "environment cloudflared",
          "token cloudflared",
          // The guard's binding.
          "guard namespace openclaw",
          "guard pvc litellm-spend",
          "guard pvc openclaw-backups",
          "guard pvc openclaw-data",
          "guard pvc openclaw-workspace",
          // A deleted policy, and one that lost a flow.
          "network any other pod -> API server:443",
          "network any other pod -> DNS by TCP",
          "network any other pod -> DNS by UDP",
          "network any other pod -> internet:443",
          "network any other pod -> internet:53",
          "network any other pod -> internet:7844",
          "network any other pod -> internet:80",
          "network any other pod -> kube-system/kube-dns:8181",
          "network any other pod -> kubelet of node:10250",
          "network openclaw -> litellm:4000",
          // The sandboxes can reach the gateway.
          ...["18789", "2376"].flatMap((port) => [`sandbox -> 172.17.0.1:${port}`, `sandbox -> ${pod.ip}:${port}`]),
        ].toSorted(),
      );
      assert.equal(await probePods(), "");
    });

    await t.step("Ctrl-C deletes the probe pods", async () => {
      const args = ["--context", "cluster", "--internet", WORLD_ADDRESS];
      const child = taskCommand("verify", dir, args, { KUBECONFIG: cluster.kubeconfig }).spawn();
      const ended = child.output();
      await until("a probe pod", async () => (await probePods()) !== "");
      child.kill("SIGINT");
      assert.equal((await ended).code, 130);
      await until("no probe pod", async () => (await probePods()) === "");
    });

    await t.step("objects that the user may not read fail their own rows", async () => {
      const limited = await limitedUser(cluster, dir);
      const { code, stdout } = await runTask("verify", dir, [
        "--context",
        "limited",
        "--overlay",
        "prod",
        "--offline",
        "--json",
      ], { KUBECONFIG: limited });
      const results = JSON.parse(stdout) as Result[];
      assert.equal(code, 1);
      assert.ok(rows(results, "pass").includes("deployment openclaw"));
      const secret = results.find(({ check }) => check === "secret");
      assert.match(secret?.reason ?? "", /User "limited" cannot get resource "secrets"/);
    });
  },
});

Deno.test({
  name: "verify passes on the local trial, and what is broken there fails its own rows",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using cluster = await givenOr(startCluster);
    await using dir = await tempDir();
    await dir.write("pack.yaml", "");
    await cluster.addImages(imagesOf(await objectsIn(cluster)));
    await cluster.run(["apply", "-k", KIND]);
    await loadSandboxImage(cluster);
    await untilAvailable(cluster);
    await say(cluster, "the first turn creates the sandbox");
    // LiteLLM may reach the internet by HTTPS, if the cluster can.
    const isOnline = await isOpen(cluster, { target: inPod("litellm"), by: "python3" }, `${PUBLIC_ADDRESS}:443`);
    const verify = async () => {
      const args = ["--context", cluster.context, "--json", ...(isOnline ? [] : ["--offline"])];
      const { stdout, stderr } = await runTask("verify", dir, args, { KUBECONFIG: cluster.kubeconfig });
      assert.equal(stderr, "");
      const results = JSON.parse(stdout) as Result[];
      // Tools are installed from the internet in the gateway's own time.
      return { passed: rows(results, "pass"), failed: rows(results, "fail").filter((row) => !row.startsWith("tool ")) };
    };

    await t.step(`the trial as it is, ${isOnline ? "with" : "without"} the internet`, async () => {
      const { passed, failed } = await verify();
      assert.deepEqual(failed, []);
      for (
        const row of [
          "secret key-proxy-credentials",
          "process key-proxy",
          "budget models",
          "network openclaw -> litellm:4000",
          "network litellm -> openclaw:18789",
          "network any other pod -> API server:443",
          "sandbox user",
          "sandbox -> litellm:4000",
        ]
      ) assert.ok(passed.includes(row), `${row} did not pass`);
    });

    await t.step("what is broken", async () => {
      await breakNetwork(cluster);
      await addKey(cluster);
      const { failed } = await verify();
      const isStranger = (row: string) => row.startsWith("network any other pod -> ");
      assert.ok(failed.includes("network any other pod -> API server:443"), failed.join("\n"));
      assert.deepEqual(failed.filter((row) => !isStranger(row)), [
        "network openclaw -> litellm:4000",
        "secret openclaw-credentials",
      ]);
    });
  },
});

function rows(results: readonly Result[], wanted: Result["status"]): string[] {
  return results.filter(({ status }) => status === wanted).map(({ check, subject }) => `${check} ${subject}`)
    .toSorted();
}

async function patchJson({ run }: Cluster, kind: string, name: string, patch: Json): Promise<void> {
  await run(["-n", NAMESPACE, "patch", kind, name, "--type=json", `--patch=${JSON.stringify(patch)}`]);
}

/** A key too many. */
async function addKey(cluster: Cluster): Promise<void> {
  const value = { op: "add", path: "/data/ANTHROPIC_API_KEY", value: "ZmFrZQ==" };
  await patchJson(cluster, "secret", "openclaw-credentials", [value]);
}

/** A policy that was deleted, and one that lost a flow. */
async function breakNetwork(cluster: Cluster): Promise<void> {
  await cluster.run(["-n", NAMESPACE, "delete", "networkpolicy", "default-deny"]);
  const policy = await cluster.get("networkpolicy", "-n", NAMESPACE, "openclaw-network");
  const lost = policy.spec.egress.findIndex(({ ports }: Json) => ports[0].port === 4000);
  await patchJson(cluster, "networkpolicy", "openclaw-network", [{ op: "remove", path: `/spec/egress/${lost}` }]);
}

async function breakThings(cluster: OwnCluster): Promise<void> {
  const run = (...args: string[]) => cluster.run(["-n", NAMESPACE, ...args]);
  const patch = (kind: string, name: string, patch: Json) => patchJson(cluster, kind, name, patch);
  await addKey(cluster);
  await patch("secret", "key-proxy-credentials", [{ op: "remove", path: "/data/ANTHROPIC_API_KEY" }]);
  // With its finalizer it would stay in force.
  await patch("validatingadmissionpolicybinding", "openclaw-data-guard", [{
    op: "remove",
    path: "/metadata/finalizers",
  }]);
  await run("delete", "validatingadmissionpolicybinding", "openclaw-data-guard");
  await breakNetwork(cluster);

  const deployment = await cluster.get("deployment", "-n", NAMESPACE, "cloudflared");
  const { image } = deployment.spec.template.spec.containers[0];
  const other = image.replace(/:([^:@]+)@.*/, ":$1-other");
  await cluster.addImages([other]);
  const template = "/spec/template/spec";
  await patch("deployment", "cloudflared", [
    { op: "replace", path: `${template}/containers/0/image`, value: other },
    { op: "replace", path: `${template}/automountServiceAccountToken`, value: true },
    {
      op: "add",
      path: `${template}/containers/0/env/-`,
      value: {
        name: "GITHUB_TOKEN",
        valueFrom: { secretKeyRef: { name: "openclaw-credentials", key: "GITHUB_TOKEN" } },
      },
    },
  ]);
  await inDaemon(cluster, ...OPEN_INPUT);
  await run("rollout", "status", "deployment/cloudflared", "--timeout=60s");
}

/** Returns a kubeconfig for a user who may read only namespaces, pods and Deployments. */
async function limitedUser(cluster: Cluster, dir: TempDir): Promise<string> {
  const role = { apiVersion: "rbac.authorization.k8s.io/v1" };
  await dir.write(
    "rbac.yaml",
    [
      {
        ...role,
        kind: "ClusterRole",
        metadata: { name: "limited" },
        rules: [
          { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["get", "list"] },
          { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "list"] },
        ],
      },
      {
        ...role,
        kind: "ClusterRoleBinding",
        metadata: { name: "limited" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "limited" },
        subjects: [{ kind: "User", name: "limited", apiGroup: "rbac.authorization.k8s.io" }],
      },
    ].map((object) => stringify(object)).join("---\n"),
  );
  await cluster.apply(`${dir.path}/rbac.yaml`);
  // The administrator impersonates the limited user.
  const kubeconfig = parse(await Deno.readTextFile(cluster.kubeconfig)) as Json;
  kubeconfig.users[0].user.as = "limited";
  kubeconfig.contexts[0].name = "limited";
  kubeconfig["current-context"] = "limited";
  await dir.write("limited.kubeconfig", stringify(kubeconfig));
  return `${dir.path}/limited.kubeconfig`;
}
