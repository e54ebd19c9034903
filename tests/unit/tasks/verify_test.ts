import assert from "node:assert/strict";
import type { Result } from "../../../src/commands/verify/results.ts";
import { readRecording } from "../commands/verify/recording.ts";
import { type TempDir, tempDir } from "../../support/temp_dir.ts";
import { runTask } from "./process.ts";

const { calls } = await readRecording("kind");
const recorded = (pattern: RegExp, from = calls) => from.find(({ call }) => pattern.test(call))?.stdout ?? "";

/** A kubectl of a cluster whose Deployments and claims were recorded, and that has nothing else; `cases` come before its own. */
async function kubectl(dir: TempDir, cases = "", rendered = recorded(/^kustomize /)): Promise<void> {
  await dir.write("bin/rendered.yaml", rendered);
  await dir.write("bin/snapshot.json", recorded(/ get deployments --/));
  await dir.write("bin/claims.json", recorded(/ get persistentvolumeclaims /));
  await dir.write(
    "bin/kubectl",
    `#!/bin/sh
printf '%s\\n' "$*" >>"$0.log"
case "$*" in
${cases}
'config get-contexts'*) echo kind-a; echo lolice;;
*' kustomize '*) /bin/cat "\${0%/*}/rendered.yaml";;
*'get deployments '*) /bin/cat "\${0%/*}/snapshot.json";;
*'get pods'*) echo '{"items":[]}';;
*'get persistentvolumeclaims'*) /bin/cat "\${0%/*}/claims.json";;
*'get service kubernetes'*) echo 10.96.0.1;;
*'get secret '*) echo 'Error from server (NotFound): secrets not found' >&2; exit 1;;
esac
`,
  );
  await Deno.chmod(`${dir.path}/bin/kubectl`, 0o755);
}

const verify = (dir: TempDir, ...args: string[]) =>
  runTask("verify", dir, args, { PATH: `${dir.path}/bin:/usr/bin:/bin` });

Deno.test("verify prints a table and a summary, and exits with 1 if a check fails", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  await kubectl(dir);
  const { code, stdout, stderr } = await verify(dir, "--context", "kind-a", "--offline");
  assert.deepEqual([code, stderr], [1, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], "kind-a, namespace openclaw, overlays/kind");
  assert.match(stdout, /^pass {2}deployment {5}openclaw +1 available at generation 1$/m);
  assert.match(stdout, /^fail {2}secret {9}openclaw-credentials +Error from server \(NotFound\): secrets not found$/m);
  assert.match(stdout, /^skip {2}tool {11}codex +no pod is running$/m);
  assert.match(lines.at(-1) ?? "", /^\d+ passed, \d+ failed, \d+ skipped$/);
  // Each call names the context, whatever kubectl's current context is.
  const calls = (await dir.read("bin/kubectl.log")).trimEnd().split("\n");
  for (const call of calls) assert.match(call, /^(config get-contexts|--context=kind-a )/);
  assert.ok(!calls.some((call) => / (create|apply|patch|delete) /.test(call) && !call.includes("--dry-run=server")));
});

Deno.test("verify --json prints a list and nothing else", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  await kubectl(dir, "", recorded(/^kustomize /, (await readRecording("prod")).calls));
  const { code, stdout } = await verify(dir, "--context", "kind-a", "--offline", "--json", "--overlay", "prod");
  assert.equal(code, 1);
  const results = JSON.parse(stdout) as Result[];
  for (const result of results) {
    assert.deepEqual(Object.keys(result).toSorted(), ["check", "reason", "seconds", "status", "subject"]);
  }
  // With --overlay prod it is checked as production, so the tunnel and the guard are missing.
  assert.ok(
    results.some(({ check, subject, status }) => `${check} ${subject} ${status}` === "guard pvc openclaw-data fail"),
  );
});

Deno.test("verify --namespace checks that namespace", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  await kubectl(dir, "", recorded(/^kustomize /).replaceAll("namespace: openclaw\n", "namespace: mine\n"));
  await verify(dir, "--context", "kind-a", "--offline", "--namespace", "mine");
  const log = await dir.read("bin/kubectl.log");
  assert.match(log, /get secret openclaw-credentials --namespace=mine/);
  assert.doesNotMatch(log, /--namespace=openclaw/);
});

Deno.test("verify reports in one line why it cannot start", async () => {
  await using dir = await tempDir();
  await dir.write("pack.yaml", "");
  const notFound =
    `*'get namespace'*) echo 'Error from server (NotFound): namespaces "openclaw" not found' >&2; exit 1;;`;
  const away = `*'get namespace'*) echo 'Unable to connect to the server: dial tcp: no route' >&2; exit 1;;`;
  const cases = [
    [[], "", 2, /^--context is required/],
    [
      ["--context", "a", "--overlay", "kindd"],
      "",
      2,
      /^--overlay: unknown overlay "kindd"; expected one of: prod, kind, kind-eso/,
    ],
    [["--context", "a", "--shut", "router"], "", 2, /^--shut router: expected HOST:PORT/],
    [["--context", "kind"], "", 1, /^no context kind in the kubeconfig; expected one of: kind-a, lolice\n$/],
    [
      ["--context", "lolice"],
      notFound,
      1,
      /^no namespace openclaw in lolice: is it deployed there, and under this name\?\n$/,
    ],
    [["--context", "lolice"], away, 1, /^lolice: Unable to connect to the server: dial tcp: no route\n$/],
    [["--context", "a", "--config", "none.yaml"], "", 1, /^none\.yaml: no such file/],
  ] as const;
  for (const [args, extra, status, message] of cases) {
    await kubectl(dir, extra);
    const { code, stdout, stderr } = await verify(dir, ...args);
    assert.deepEqual([code, stdout], [status, ""], args.join(" "));
    assert.match(stderr, message);
  }
  await Deno.remove(`${dir.path}/bin/kubectl`);
  const { code, stderr } = await runTask("verify", dir, ["--context", "a"], { PATH: dir.path });
  assert.deepEqual([code, stderr], [1, "kubectl is not on the PATH; install it first\n"]);
});
