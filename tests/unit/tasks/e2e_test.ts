import assert from "node:assert/strict";
import { TRIAL_OVERLAY } from "../../../src/commands/trial/overlay.ts";
import { type TempDir, tempDir } from "../../support/temp_dir.ts";
import { rendered } from "../commands/trial/trial_objects.ts";
import { runTask } from "./process.ts";

/** A project's folder, and a fake kubectl that knows two contexts and records its calls. */
async function project(): Promise<TempDir> {
  const dir = await tempDir();
  await dir.write("pack.yaml", "");
  await dir.write(`${TRIAL_OVERLAY}/kustomization.yaml`, "");
  await dir.write("rendered.yaml", await rendered());
  await dir.write(
    "bin/kubectl",
    `#!/bin/sh
echo "$KUBECONFIG: $*" >>${dir.path}/calls
case "$*" in
  "version --client") ;;
  kustomize*) exec /bin/cat ${dir.path}/rendered.yaml ;;
  "config get-contexts --output=name") printf 'kind-mine\\nelsewhere\\n' ;;
  *validatingadmissionpolicies*) echo "$GUARD" ;;
esac
`,
  );
  await Deno.chmod(`${dir.path}/bin/kubectl`, 0o755);
  return dir;
}

function e2e(dir: TempDir, args: readonly string[], environment: Record<string, string> = {}) {
  return runTask("e2e", dir, args, { PATH: `${dir.path}/bin`, ...environment });
}

Deno.test("wrong usage exits with 2 and runs nothing", async () => {
  await using dir = await project();
  const wrong: [args: string[], says: RegExp][] = [
    [["nonsense"], /^unknown suite "nonsense"; expected one of: .*kind.*loss/],
    [["--yes"], /^--kubeconfig and --yes require --context/],
    [["--contxt", "kind-mine"], /Unknown option '--contxt'/],
    [["--context", "kind-mine", "cluster"], /^none of these suites can run on a given cluster/],
  ];
  for (const [args, says] of wrong) {
    const { code, stderr } = await e2e(dir, args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, says);
  }
  await assert.rejects(dir.read("calls"), Deno.errors.NotFound);
});

Deno.test("a cluster that may not be intended is left alone, and suites that cannot run there are named", async () => {
  await using dir = await project();
  const elsewhere = await e2e(dir, ["--context", "elsewhere", "--kubeconfig", "/mine"]);
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.stdout, /^skipped: loss, it kills the kubelet and fills disks$/m);
  assert.doesNotMatch(elsewhere.stdout, /skipped: kind,/);
  assert.match(elsewhere.stderr, /^elsewhere is not a kind cluster, .*nothing was changed/);
  for (const context of ["kind-mine", "elsewhere"]) {
    const guarded = { GUARD: "validatingadmissionpolicy/openclaw-data-guard" };
    const { code, stderr } = await e2e(dir, ["--context", context, "--yes"], guarded);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^${context} holds production`));
  }
  const unknown = await e2e(dir, ["--context", "nowhere"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /^no context nowhere in the kubeconfig; expected one of: kind-mine, elsewhere/);
  const calls = await dir.read("calls");
  assert.match(calls, /^\/mine: --context=elsewhere /m);
  assert.doesNotMatch(calls, / (apply|delete|create|exec|config view) /);
});
