import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { exec, runOrThrow } from "../../../support/tools.ts";
import { tempDir } from "../../../support/temp_dir.ts";

const INIT = "src/generate/openclaw/init";
const SERVER = "tests/unit/generate/openclaw/archive_server.mjs";

/** A change to one of the files that breaks a guarantee. */
interface Fault {
  readonly file: "install-tools.sh" | "download.mjs";
  readonly from: string;
  readonly to: string;
}

/** The environment of a scenario. */
interface Volume {
  /** The gateway's home, and its tools. */
  readonly home: string;
  readonly tools: string;
  /** Puts an archive on the server and returns its line of the table. */
  publish(tool: Tool): Promise<string>;
  /** Runs the script with a table and returns its output. The script must succeed. */
  start(...rows: string[]): Promise<string>;
  /** The same with one second for the check of a program, and a deadline in seconds. */
  startWithin(deadline: number, ...rows: string[]): Promise<string>;
  /** Returns the version that a tool prints, through the link on the PATH. */
  version(name: string): Promise<string>;
  /** Stops the server. */
  unplug(): Promise<void>;
}

interface Tool {
  readonly name: string;
  readonly version: string;
  /** How it is served. */
  readonly way?: "cut" | "silent" | "npm";
  readonly checksum?: string;
  /** Additional arguments of tar. */
  readonly tar?: readonly string[];
}

async function volume(use: (volume: Volume) => Promise<void>, fault?: Fault): Promise<void> {
  await using dir = await tempDir();
  const path = (...names: string[]) => join(dir.path, ...names);
  for (const file of ["install-tools.sh", "download.mjs"]) {
    const text = await Deno.readTextFile(join(INIT, file));
    const broken = fault?.file === file ? text.replace(fault.from, () => fault.to) : text;
    assert.ok(fault?.file !== file || broken !== text, `${file} does not contain ${fault?.from}`);
    await dir.write(`init/${file}`, broken);
  }
  await Deno.mkdir(path("served"));
  await Deno.mkdir(path("home"));
  const server = new Deno.Command("node", { args: [SERVER, path("served")], stdin: "piped", stdout: "piped" }).spawn();
  const said = server.stdout.getReader();
  const url = `http://127.0.0.1:${new TextDecoder().decode((await said.read()).value).trim()}`;
  let plugged = true;
  const unplug = async () => {
    if (!plugged) return;
    plugged = false;
    await server.stdin.close();
    await said.cancel();
    await server.status;
  };
  const home = path("home");
  const tools = join(home, ".openclaw-pack/tools");
  const start = async (env: Record<string, string>, rows: readonly string[]) => {
    await dir.write("init/tools.txt", `# made by a test\n${rows.map((row) => `${row}\n`).join("")}`);
    const { code, stdout, stderr } = await exec("sh", [path("init/install-tools.sh")], {
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: path("tmp"),
        TOOLS_DIR: tools,
        npm_config_cache: path("tmp/npm"),
        npm_config_registry: `${url}/`,
        PAUSE_MS: "1",
        ...env,
      },
    });
    assert.equal(code, 0, stderr);
    return stdout + stderr;
  };
  try {
    await use({
      home,
      tools,
      unplug,
      publish: async ({ name, version, way, checksum, tar = [] }) => {
        const program = path("packed", name, "bin", name);
        await dir.write(`packed/${name}/bin/${name}`, `#!/bin/sh\necho "${name} version ${version} (of a test)"\n`);
        await Deno.chmod(program, 0o755);
        const archive = path("served", `${name}-${version}.tgz`);
        await runOrThrow("tar", ["-C", path("packed"), "-czPf", archive, ...tar, name]);
        const bytes = await Deno.readFile(archive);
        const found = way === "npm"
          ? `sha512-${createHash("sha512").update(bytes).digest("base64")}`
          : createHash("sha256").update(bytes).digest("hex");
        const source = `${way === "npm" ? "npm:" : `${url}/`}${way ?? "all"}/${name}-${version}.tgz`;
        return `${name} ${version} ${machine} ${checksum ?? found} ${source} ${name}/bin/${name}`;
      },
      start: (...rows) =>
        // Only for these rows, because a busy machine can be silent too.
        start(rows.some((row) => row.includes("/silent/")) ? { SILENCE_MS: "500" } : {}, rows),
      startWithin: (deadline, ...rows) => start({ DEADLINE: String(deadline), CHECK_SECONDS: "1" }, rows),
      version: async (name) => (await runOrThrow(join(tools, "bin", name), [])).stdout.trim(),
    });
  } finally {
    await unplug();
  }
}

const machine = { x86_64: "amd64", aarch64: "arm64" }[Deno.build.arch];
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();

/** The guarantees, each with a fault that would break it. */
const SCENARIOS: Record<string, { run: (volume: Volume) => Promise<void>; fault: Fault }> = {
  "both tools are installed, from npm and by URL, and a restart needs no network": {
    run: async ({ tools, publish, start, unplug, version }) => {
      const rows = [
        await publish({ name: "codex", version: "1.0.0", way: "npm" }),
        await publish({ name: "gh", version: "2.0.0" }),
      ];
      assert.equal(await start(...rows), "codex 1.0.0 is installed\ngh 2.0.0 is installed\n");
      await unplug();
      assert.equal(await start(...rows), "");
      assert.equal(await version("codex"), "codex version 1.0.0 (of a test)");
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      assert.deepEqual(names(tools), ["bin", "codex-1.0.0", "gh-2.0.0"]);
      assert.equal((await Deno.stat(tools)).mode! & 0o777, 0o700);
    },
    fault: { file: "install-tools.sh", from: `if ! works "$target/$5" "$2"; then`, to: "if true; then" },
  },
  "another version replaces the previous one": {
    run: async ({ tools, publish, start, version }) => {
      await start(await publish({ name: "gh", version: "2.0.0" }));
      await start(await publish({ name: "gh", version: "2.1.0" }));
      assert.equal(await version("gh"), "gh version 2.1.0 (of a test)");
      assert.deepEqual(names(tools), ["bin", "gh-2.1.0"]);
      await start(await publish({ name: "gh", version: "2.0.0" }));
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
    },
    fault: { file: "install-tools.sh", from: `-[0-9]*`, to: "-none" },
  },
  "an archive with another checksum is not unpacked, and the previous version is kept": {
    run: async ({ tools, publish, start, version }) => {
      const right = await publish({ name: "gh", version: "2.0.0" });
      const wrong = await publish({ name: "gh", version: "2.1.0", checksum: "0".repeat(64) });
      assert.match(
        await start(wrong),
        /expected the checksum 0{64}, found .*\ngh 2\.1\.0 .*: no version is installed; the next/,
      );
      await start(right);
      assert.match(await start(wrong), /gh 2\.1\.0 could not be installed: gh-2\.0\.0 is kept/);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      assert.deepEqual(names(tools), ["bin", "gh-2.0.0"]);
      const npm = await publish({
        name: "codex",
        version: "1.0.0",
        way: "npm",
        checksum: `sha512-${"A".repeat(86)}==`,
      });
      assert.match(await start(npm), /codex 1\.0\.0 could not be installed: no version is installed/);
    },
    fault: { file: "download.mjs", from: "found === checksum", to: "found" },
  },
  "an interrupted download keeps the previous version": {
    run: async ({ tools, publish, start, version }) => {
      await start(await publish({ name: "gh", version: "2.0.0" }));
      assert.match(await start(await publish({ name: "gh", version: "2.1.0", way: "cut" })), /gh-2\.0\.0 is kept/);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      assert.deepEqual(names(tools), ["bin", "gh-2.0.0"]);
    },
    fault: { file: "install-tools.sh", from: "mkdir -p", to: `rm -rf "$tools/$1"-*; mkdir -p` },
  },
  "a server that stops sending does not block the start": {
    run: async ({ publish, start, version }) => {
      const silent = await publish({ name: "codex", version: "1.0.0", way: "silent" });
      const output = await start(silent, await publish({ name: "gh", version: "2.0.0" }));
      assert.match(output, /silent for 0\.5 s\ncodex 1\.0\.0 could not be installed/);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
    },
    fault: { file: "download.mjs", from: "silence.abort(", to: "void (" },
  },
  "an unreachable registry does not prevent the start, and is tried again": {
    run: async ({ publish, start, unplug }) => {
      const rows = [await publish({ name: "codex", version: "1.0.0", way: "npm" })];
      await unplug();
      const output = await start(...rows);
      assert.equal(output.match(/ECONNREFUSED/g)?.length, 3, output);
      assert.match(
        output,
        /codex 1\.0\.0 could not be installed: no version is installed; the next start tries again\n$/,
      );
    },
    fault: {
      file: "install-tools.sh",
      from: `"$program"; then continue; fi`,
      to: `"$program"; then continue; else exit 1; fi`,
    },
  },
  "an archive with paths outside its folder writes nothing there": {
    run: async ({ home, tools, publish, start }) => {
      await Deno.writeTextFile(join(home, "victim"), "untouched\n");
      const upward = await publish({
        name: "gh",
        version: "2.0.0",
        tar: ["--transform", "s,.*/gh$,../../../../victim,S"],
      });
      assert.match(await start(upward), /gh 2\.0\.0 could not be installed/);
      assert.equal(await Deno.readTextFile(join(home, "victim")), "untouched\n");
      assert.deepEqual(names(home), [".openclaw-pack", "victim"]);
      assert.deepEqual(names(join(tools, "bin")), []);
    },
    fault: { file: "install-tools.sh", from: "tar -xzf", to: "tar -xzPf" },
  },
  "planted links and folders are not followed": {
    run: async ({ home, tools, publish, start, version }) => {
      const outside = join(home, "outside");
      await Deno.mkdir(outside);
      await Deno.writeTextFile(join(outside, "victim"), "untouched\n");
      await Deno.mkdir(join(tools, ".."));
      await Deno.symlink(outside, tools);
      const row = await publish({ name: "gh", version: "2.0.0" });
      await start(row);
      await Deno.remove(join(tools, "bin/gh"));
      await Deno.symlink(join(outside, "victim"), join(tools, "bin/gh"));
      await start(row);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      await Deno.remove(join(tools, "bin/gh"));
      await Deno.mkdir(join(tools, "bin/gh/folder"), { recursive: true });
      await Deno.remove(join(tools, "gh-2.0.0"), { recursive: true });
      await Deno.symlink(outside, join(tools, "gh-2.0.0"));
      await Deno.symlink(outside, join(tools, ".new"));
      await start(row);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      assert.deepEqual(names(outside), ["victim"]);
      assert.equal(await Deno.readTextFile(join(outside, "victim")), "untouched\n");
    },
    fault: { file: "install-tools.sh", from: `if [ -L "$1" ]`.replace("$1", "$folder"), to: "if false" },
  },
  "an interrupted unpacking is repeated": {
    run: async ({ tools, publish, start, version }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      await Deno.mkdir(join(tools, "gh-2.0.0/gh/bin"), { recursive: true });
      await Deno.writeTextFile(join(tools, "gh-2.0.0/gh/bin/gh"), "#!/bin/s", { mode: 0o755 });
      await Deno.mkdir(join(tools, ".new/files/gh"), { recursive: true });
      assert.match(await start(row), /gh 2\.0\.0 is installed/);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      assert.deepEqual(names(tools), ["bin", "gh-2.0.0"]);
    },
    fault: { file: "install-tools.sh", from: `&& grep -qwF "$2" "$output"`, to: "|| true" },
  },
  "a planted program that does not end, or writes without end, is replaced": {
    run: async ({ tools, publish, startWithin, version }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      const program = join(tools, "gh-2.0.0/gh/bin/gh");
      for (const planted of ["trap '' TERM; sleep 30 & while :; do sleep 1; done", "yes 'gh 2.0.1'"]) {
        await Deno.mkdir(join(program, ".."), { recursive: true });
        await Deno.writeTextFile(program, `#!/bin/sh\n${planted}\n`, { mode: 0o755 });
        assert.match(await startWithin(10, row), /gh 2\.0\.0 is installed/);
        assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      }
    },
    // Without it the start waits for the deadline.
    fault: { file: "install-tools.sh", from: `timeout -k 2 "\${CHECK_SECONDS:-30}"`, to: "" },
  },
  "whatever takes too long ends with the deadline, and the start goes on": {
    run: async ({ publish, startWithin, unplug }) => {
      const silent = await publish({ name: "codex", version: "1.0.0", way: "silent" });
      const output = await startWithin(2, silent);
      assert.match(output, /the tools could not be checked or installed in time; the assistant starts with those/);
      await unplug();
    },
    fault: { file: "install-tools.sh", from: "within-deadline ||", to: "within-deadline;" },
  },
  "an architecture without tools starts without them": {
    run: async ({ tools, publish, start }) => {
      const row = (await publish({ name: "gh", version: "2.0.0" })).replace(` ${machine} `, " riscv64 ");
      assert.match(await start(row), /^no tool is available for \w+; the assistant starts without tools\n$/);
      assert.deepEqual(names(join(tools, "bin")), []);
    },
    fault: { file: "install-tools.sh", from: `[ "$architecture" = "$machine" ] || continue`, to: ":" },
  },
};

for (const [name, { run }] of Object.entries(SCENARIOS)) Deno.test(name, () => volume(run));

Deno.test("each of these tests fails for a broken script", async () => {
  await Promise.all(
    Object.entries(SCENARIOS).map(([name, { run, fault }]) =>
      assert.rejects(volume(run, fault), assert.AssertionError, name)
    ),
  );
});
