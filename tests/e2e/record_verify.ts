/**
 * `deno task test:record`: deploys each overlay on the tests' own cluster, runs verify on it, and records every answer of the
 * cluster for the unit tests of verify.
 *
 * @module
 */

import type { PackInput } from "openclaw-pack";
import { connect } from "../../src/cluster/kubectl.ts";
import { thisMachine } from "../../src/cluster/machine.ts";
import { takeSnapshot } from "../../src/cluster/snapshot.ts";
import { namespacesOf } from "../../src/model/model.ts";
import type { OverlayName } from "../../src/commands/verify/expected.ts";
import { detectOverlay, verify } from "../../src/commands/verify/verify.ts";
import { run } from "../../tasks/run.ts";
import { type Cluster, startCluster } from "../support/cluster/cluster.ts";
import { externalsOf, operatorTools, startOperator, untilSynced } from "../support/cluster/external_secrets.ts";
import { imagesOf, PROBE_IMAGE } from "../support/cluster/images.ts";
import { applyObjects, rolledOut } from "../support/cluster/kubectl.ts";
import { deployProduction } from "../support/cluster/production.ts";
import { loadSandboxImage, NAMESPACE } from "../support/cluster/trial.ts";
import { acceptor } from "../support/runtime/listener.ts";
import { overlay } from "../support/runtime/objects.ts";
import { sshImage } from "../support/runtime/sandbox_image.ts";
import { sshKeys } from "../support/runtime/ssh_keys.ts";
import { type Json, modelOf, SSH } from "../support/support.ts";
import {
  type Call,
  RECORDED,
  recorder,
  recordingFile,
  type RecordingName,
  WORLD,
} from "../unit/commands/verify/recording.ts";

const USAGE = `Usage: deno task test:record [NAME...]

Records what a cluster answers verify, for tests/unit/commands/verify (needs what deno task e2e needs).
Names: ${Object.keys(RECORDED).join(", ")} (default: all)`;

/** The ssh sandbox's entry in known_hosts. */
const SSH_HOST = "[sandbox.openclaw-sandbox.svc.cluster.local]:2222";
/** A fake key that the key proxy accepts as real. */
const KEY = "sk-ant-fake-key-of-a-test";

await run(USAGE, async (args) => {
  await operatorTools();
  const names = Object.keys(RECORDED) as RecordingName[];
  for (const name of names.filter((name) => args.length === 0 || args.includes(name))) {
    await using cluster = await startCluster();
    await using web = acceptor("127.0.0.1");
    for (const port of [443, 80, 7844, 53]) await cluster.serveWorld(port, web.port);
    const { input, overlay } = RECORDED[name];
    if (overlay === "prod") await deployProd(cluster, input, name === "prod");
    else await deployTrial(cluster, overlay);
    await record(cluster, name, input, overlay);
  }
  return 0;
});

/** Deploys production. With the operator, its Secrets come from a fake store. Otherwise they are applied. */
async function deployProd(cluster: Cluster, input: PackInput, withOperator: boolean): Promise<void> {
  const keys = "sandbox" in input ? await sshKeys(SSH_HOST) : {};
  const real = { "key-proxy": { ANTHROPIC_API_KEY: KEY }, ...keys };
  const images = { [SSH.sandbox?.image ?? ""]: await sshImage() };
  const model = await deployProduction(cluster, input, { real, images });
  if (!withOperator) return;
  const operator = await startOperator(cluster);
  const externals = externalsOf(await overlay("prod", input));
  const values = model.secrets.map(({ name, parameter, fake }) => ({
    key: parameter,
    value: name === "ANTHROPIC_API_KEY" ? KEY : fake,
  }));
  const store = {
    apiVersion: "external-secrets.io/v1",
    kind: "ClusterSecretStore",
    metadata: { name: model.config.cluster.secretStore },
    spec: { provider: { fake: { data: values } } },
  };
  // The operator only takes over Secrets that it created itself.
  for (const { secret, namespace } of model.readers) {
    await cluster.run(["delete", "secret", secret.name, `--namespace=${namespace}`]);
  }
  await applyObjects(cluster, [store, ...externals]);
  await untilSynced(operator, cluster, externals);
}

async function deployTrial(cluster: Cluster, name: "kind" | "kind-eso"): Promise<void> {
  const objects: Json[] = await overlay(name);
  const operator = name === "kind-eso" ? await startOperator(cluster) : undefined;
  await cluster.addImages([...imagesOf(objects.filter(({ kind }) => kind !== "CronJob")), PROBE_IMAGE]);
  await cluster.apply(new URL(`../../kustomize/overlays/${name}`, import.meta.url).pathname);
  if (operator !== undefined) await untilSynced(operator, cluster, externalsOf(objects));
  await loadSandboxImage(cluster);
  for (const workload of ["litellm", "openclaw"]) await rolledOut(cluster, NAMESPACE, workload);
}

async function record(cluster: Cluster, name: RecordingName, input: PackInput, overlay: OverlayName): Promise<void> {
  const model = await modelOf(input);
  Deno.env.set("KUBECONFIG", cluster.kubeconfig);
  const plain = await connect("cluster");
  const { machine, calls, forward } = recorder(plain, thisMachine);
  const kubectl = { ...await connect("cluster", undefined, machine), forward };
  const found = await detectOverlay(kubectl, model);
  if (found !== overlay) throw new Error(`${name}: verify detected overlays/${found} instead of overlays/${overlay}`);
  await using cleanup = new AsyncDisposableStack();
  const results = await verify(kubectl, { model, overlay, world: WORLD, cleanup });
  // verify reads these only if a Deployment is not available.
  await takeSnapshot(kubectl, namespacesOf(model));
  await cleanup.disposeAsync();
  // Of calls that were repeated, the last one counts.
  const last = [...new Map(calls.map((call) => [call.call, call])).values()];
  const { images, sandbox, tools } = model.config;
  const deployed = { ...input, images, tools, sandbox: { ...sandbox } };
  const sorted = last.toSorted((a, b) => a.call < b.call ? -1 : 1).map(shortened);
  const lines = [deployed, ...sorted].map((line) => `${JSON.stringify(line)}\n`).join("");
  await Deno.mkdir(new URL(".", recordingFile(name)), { recursive: true });
  await Deno.writeTextFile(recordingFile(name), lines);
  const failed = results.filter(({ status }) => status === "fail").map(({ check, subject, reason }) =>
    `  ${check} ${subject}: ${reason}`
  );
  console.log(
    [`${name}: ${last.length} calls, ${failed.length} of ${results.length} checks failed`, ...failed].join("\n"),
  );
}

/** Leaves out what verify does not read: whitespace and ConfigMaps. */
function shortened(call: Call): Call {
  const { stdout } = call;
  if (stdout.startsWith("{\n")) return { ...call, stdout: JSON.stringify(JSON.parse(stdout)) };
  if (!call.call.startsWith("kustomize ")) return call;
  return { ...call, stdout: stdout.split("---\n").filter((text) => !/^kind: ConfigMap$/m.test(text)).join("---\n") };
}
