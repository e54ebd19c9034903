import assert from "node:assert/strict";
import { KIND_CONTEXT } from "../../../src/cluster/kind_cluster.ts";
import type { Program } from "../../../src/cluster/machine.ts";
import { OWN_OVERLAY, TRIAL_OVERLAY } from "../../../src/commands/trial/overlay.ts";
import { type TempDir, tempDir } from "../../support/temp_dir.ts";
import { listOf, rendered, trialOverlay } from "../commands/trial/trial_objects.ts";
import { type Outcome, runTask } from "./process.ts";

/** What a fake program does: case branches of a shell over its entire command line. */
type StandIns = Partial<Record<Program, string>>;

const DOCKER = "version*) echo 29.0.0 ;;";
const KIND = '"get clusters") echo "$CLUSTERS" ;; version) echo kind v0.32.0 go1.25 linux/amd64 ;;';
const KUBECTL = `
  "version --client") ;;
  kustomize*) exec /bin/cat rendered.yaml ;;
  "config get-contexts --output=name") echo "$CONTEXTS" ;;
  *validatingadmissionpolicies*) echo "$GUARD" ;;
  *" apply -k "*) echo namespace/openclaw created ;;
  *" get deployments,"*) exec /bin/cat states.json ;;
  *" logs "*) echo custom_auth: a key is missing ;;
  *" exec "*) echo '{"status":"ok","result":{"payloads":[{"text":"hello"}]}}' ;;
  *" port-forward "*) echo "Forwarding from 127.0.0.1:18789 -> 18789"; echo lost connection to pod >&2; exit 1 ;;
  *persistentvolumes*) echo '{"items":[]}' ;;`;
const ALL: StandIns = { docker: DOCKER, kind: KIND, kubectl: KUBECTL };
const READY = { CONTEXTS: `prod\n${KIND_CONTEXT}`, CLUSTERS: "openclaw-trial" };

/** A project's folder with an overlay, a cluster that runs it, and a PATH with only these programs. */
async function project(standIns: StandIns): Promise<TempDir> {
  const dir = await tempDir();
  await dir.write("pack.yaml", "");
  await dir.write(`${TRIAL_OVERLAY}/kustomization.yaml`, "");
  await dir.write("rendered.yaml", await rendered());
  const { workloads } = await trialOverlay();
  await dir.write("states.json", listOf(workloads.map((id) => [id, "ready"])));
  await dir.write("bin/.keep", "");
  for (const [program, branches] of Object.entries(standIns)) {
    // One write for each call, because some calls run in parallel.
    const note = `printf '%s\\n' "$(printf '[%s]' ${program} "$@")" >>${dir.path}/calls`;
    await dir.write(`bin/${program}`, `#!/bin/sh\n${note}\ncase "$*" in ${branches} esac\n`);
    await Deno.chmod(`${dir.path}/bin/${program}`, 0o755);
  }
  return dir;
}

function trial(dir: TempDir, args: readonly string[], environment: Record<string, string> = READY): Promise<Outcome> {
  return runTask("trial", dir, args, { PATH: `${dir.path}/bin`, ...environment });
}

/** Returns the calls of the fake programs, in order. */
async function calls(dir: TempDir): Promise<string[]> {
  const text = await dir.read("calls").catch(() => "");
  return text.split("\n").filter(Boolean).map((call) => call.slice(1, -1).replaceAll("][", " "));
}

/** Calls that change something. */
const CHANGES = / (apply|delete|create|rollout|exec) /;

Deno.test("up names every program that is missing or broken, and how to install it, and starts nothing", async () => {
  await using none = await project({});
  const { code, stdout, stderr } = await trial(none, ["up"]);
  assert.deepEqual([code, stdout], [1, ""]);
  for (const program of ["docker", "kind", "kubectl"]) {
    assert.match(stderr, new RegExp(`^${program} is not on the PATH\n  Linux: \\S.*\n  macOS: \\S`, "m"));
  }
  await using broken = await project({ ...ALL, docker: "version*) echo Cannot connect >&2; exit 1 ;;" });
  const outcome = await trial(broken, ["up"]);
  assert.deepEqual([outcome.code, outcome.stderr], [1, "docker does not work: Cannot connect\n"]);
  assert.ok(!(await calls(broken)).some((call) => CHANGES.test(call)));
});

Deno.test("with a context, up needs only kubectl", async () => {
  await using dir = await project({ kubectl: KUBECTL });
  const { code, stdout, stderr } = await trial(dir, ["up", "--context", "prod"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ready after 0 s\n/);
  assert.match(stdout, /deno task trial chat --context prod "hello"/);
});

Deno.test("up creates the cluster if needed, checks for production, applies, and never uses the current context", async () => {
  await using dir = await project(ALL);
  const { code, stdout, stderr } = await trial(dir, ["up"], { ...READY, CLUSTERS: "" });
  assert.equal(code, 0, stderr);
  const all = await calls(dir);
  const order = [
    "kubectl kustomize",
    "kind create cluster",
    "validatingadmissionpolicies",
    "applications.argoproj.io",
    "apply -k",
    "get deployments",
  ];
  const places = order.map((part) => all.findIndex((call) => call.includes(part)));
  assert.ok(places.every((place, index) => place > (places[index - 1] ?? -1)), `${places}: ${all.join("\n")}`);
  for (const call of all.filter((call) => /^kubectl (?!version|kustomize|config)/.test(call))) {
    assert.ok(call.startsWith(`kubectl --context=${KIND_CONTEXT} `), call);
  }
  assert.ok(all.includes(`kubectl --context=${KIND_CONTEXT} apply -k ${TRIAL_OVERLAY}`));
  // The command that shows the token, never the token.
  assert.match(
    stdout,
    /get secret openclaw-credentials -o go-template='\{\{\.data\.OPENCLAW_GATEWAY_TOKEN \| base64decode\}\}/,
  );
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout + stderr, /\x1b/);

  await using again = await project(ALL);
  assert.equal((await trial(again, ["up"])).code, 0);
  assert.ok(!(await calls(again)).some((call) => call.startsWith("kind create")));
});

Deno.test("up and down leave production alone", async () => {
  for (const args of [["up"], ["up", "--context", "prod"], ["down", "--yes"], ["down", "--yes", "--context", "prod"]]) {
    await using dir = await project(ALL);
    const { code, stdout, stderr } = await trial(dir, args, { ...READY, GUARD: "policy/openclaw-data-guard" });
    assert.deepEqual([code, stdout], [1, ""], args.join(" "));
    assert.match(stderr, /holds production .* nothing was done/);
    assert.ok(!(await calls(dir)).some((call) => CHANGES.test(call)), args.join(" "));
  }
});

Deno.test("up explains why it cannot succeed, and exits with 1", async () => {
  await using dir = await project(ALL);
  const { workloads } = await trialOverlay();
  const crashes = { state: { waiting: { reason: "CrashLoopBackOff" }, terminated: { exitCode: 1 } }, restartCount: 3 };
  await dir.write("states.json", listOf(workloads.map((id) => [id, id.name === "litellm" ? crashes : "ready"])));
  const { code, stdout, stderr } = await trial(dir, ["up"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /failed after 0 s: will not recover\nlitellm-1-a: container litellm crashes .*restarted 3 times\n/,
  );
  assert.match(stderr, /the end of the log of litellm:\n {4}custom_auth: a key is missing\n/);

  const status = await trial(dir, ["status"]);
  assert.equal(status.code, 1);
  assert.match(
    status.stdout,
    /^POD +READY +FOR +STATE\nopenclaw-1-a +1\/1 +ready\nlitellm-1-a +0\/1 +container litellm crashes/,
  );
});

Deno.test("chat prints only the answer, and its message reaches OpenClaw unchanged", async () => {
  await using dir = await project(ALL);
  const message = 'it\'s $HOME "quoted" `id`';
  assert.deepEqual(await trial(dir, ["chat", message]), { code: 0, stdout: "hello\n", stderr: "" });
  assert.ok(
    (await dir.read("calls")).includes(`[node][openclaw.mjs][agent][--agent][main][--message=${message}][--json]`),
  );

  await using broken = await project({ ...ALL, kubectl: `*" exec "*) echo no such pod >&2; exit 1 ;;${KUBECTL}` });
  const { code, stdout, stderr } = await trial(broken, ["chat", "hi"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /^the assistant did not answer: no such pod\nsee deno task trial status --context kind-openclaw-trial\n$/,
  );
});

Deno.test("open prints the address once it is open, and reports a port in use and a lost pod", async () => {
  await using dir = await project(ALL);
  const lost = await trial(dir, ["open"]);
  assert.deepEqual([lost.code, lost.stdout], [1, "http://127.0.0.1:18789/  (press Ctrl-C to stop)\n"]);
  assert.match(lost.stderr, /^lost the connection to the pod/);
  assert.ok((await calls(dir)).some((call) => call.endsWith("--address=127.0.0.1 service/openclaw 18789:18789")));

  const taken = "Unable to listen on port 80: bind: address already in use";
  await using busy = await project({ ...ALL, kubectl: `*" port-forward "*) echo ${taken} >&2; exit 1 ;;${KUBECTL}` });
  const { code, stdout, stderr } = await trial(busy, ["open", "--port", "80"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(stderr, "port 80 on this machine is in use, or you may not use it; choose another with --port\n");
});

Deno.test("init creates the user's overlay with private permissions, and never overwrites it", async () => {
  await using dir = await project({});
  const { code, stderr } = await trial(dir, ["init"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const path = `${OWN_OVERLAY}/kustomization.yaml`;
  const { mode } = await Deno.stat(`${dir.path}/${path}`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  await dir.write(path, "mine\n");
  const again = await trial(dir, ["init"]);
  assert.equal(again.code, 0);
  assert.match(again.stdout, /kustomization\.yaml: already exists, and was kept$/m);
  assert.equal(await dir.read(path), "mine\n");
});

Deno.test("up applies the user's overlay", async () => {
  await using dir = await project(ALL);
  await dir.write(`${OWN_OVERLAY}/kustomization.yaml`, "");
  assert.equal((await trial(dir, ["up"])).code, 0);
  assert.ok((await calls(dir)).includes(`kubectl --context=${KIND_CONTEXT} apply -k ${OWN_OVERLAY}`));
});

Deno.test("down deletes the cluster that up created, or the objects in a context, only if confirmed", async () => {
  await using dir = await project(ALL);
  const asked = await trial(dir, ["down"]);
  assert.equal(asked.code, 2);
  assert.match(
    asked.stderr,
    /^down deletes the cluster kind-openclaw-trial, and stdin is not a terminal; add --yes to continue\n/,
  );
  assert.ok(!(await calls(dir)).some((call) => CHANGES.test(call)));

  const own = await trial(dir, ["down", "--yes"]);
  assert.deepEqual(own, { code: 0, stdout: "the cluster kind-openclaw-trial is deleted\n", stderr: "" });
  assert.ok((await calls(dir)).includes("kind delete cluster --name openclaw-trial"));

  await using named = await project({ kubectl: KUBECTL });
  const { code, stdout } = await trial(named, ["down", "--yes", "--context", "prod"]);
  assert.deepEqual([code, stdout], [0, "namespace openclaw in prod is deleted; nothing is left\n"]);

  const nothing = await trial(dir, ["down", "--yes"], { ...READY, CLUSTERS: "other" });
  assert.deepEqual(nothing, { code: 0, stdout: "no trial found\n", stderr: "" });
});

Deno.test("wrong usage exits with 2, a failure with 1, each with its message", async (t) => {
  await using dir = await project(ALL);
  const cases: [args: string[], status: number, message: RegExp][] = [
    [[], 2, /^a command is required: up, status, chat, open, init, down$/m],
    [["start"], 2, /^unknown command "start"/],
    [["constructor"], 2, /^unknown command "constructor"/],
    [["up", "--timeout", "15"], 2, /^--timeout: invalid duration "15"; expected a value such as 90s, 15m or 1h$/m],
    [["up", "now"], 2, /^unexpected argument "now"$/m],
    [["up", "--port", "1"], 2, /--port/],
    [["chat"], 2, /^chat needs a message$/m],
    [["chat", " "], 2, /^chat needs a message$/m],
    [["chat", "two", "words"], 2, /^unexpected argument "words"; put the message in quotes$/m],
    [["open", "--port", "70000"], 2, /^--port: invalid port "70000"; expected a number from 1 to 65535$/m],
    [
      ["status", "--context", "none"],
      1,
      /^no context none in the kubeconfig; expected one of: prod, kind-openclaw-trial\n/,
    ],
  ];
  for (const [args, status, message] of cases) {
    await t.step(args.join(" "), async () => {
      const { code, stdout, stderr } = await trial(dir, args);
      assert.deepEqual([code, stdout], [status, ""]);
      assert.match(stderr, message);
      assert.equal(/^Usage: deno task trial/m.test(stderr), status === 2);
    });
  }
  assert.ok(!(await calls(dir)).some((call) => CHANGES.test(call)));
});
