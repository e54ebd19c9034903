import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { exec, runOrThrow } from "../../../support/tools.ts";
import { tempDir } from "../../../support/temp_dir.ts";

const INIT = "src/generate/openclaw/init";
const SERVER = "tests/unit/generate/openclaw/archive_server.mjs";
const FILES = ["archive.mjs", "install-archives.sh", "install-plugins.sh"] as const;

/** A change to one of the files that breaks a guarantee. */
interface Fault {
  readonly file: (typeof FILES)[number];
  readonly from: string;
  readonly to: string;
}

/** The environment of a scenario. */
interface Volume {
  /** The gateway's home on the state volume, the archives on it, and the folder of the pod that the gateway can only read. */
  readonly home: string;
  readonly archives: string;
  readonly folder: string;
  /** A file that a program of {@linkcode publish} creates when it runs. */
  readonly proof: string;
  /** Puts an archive on the server and returns its line of the table. */
  publish(tool: Tool): Promise<string>;
  /** Runs the script with a table and returns its output. The script must succeed. */
  start(...rows: string[]): Promise<string>;
  /** The same with other variables or another script. */
  startWith(options: { env?: Record<string, string>; script?: Fault["file"] }, ...rows: string[]): Promise<string>;
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
  for (const file of FILES) {
    const text = await Deno.readTextFile(join(INIT, file));
    const broken = fault?.file === file ? text.replace(fault.from, () => fault.to) : text;
    assert.ok(fault?.file !== file || broken !== text, `${file} does not contain ${fault?.from}`);
    await dir.write(`init/${file}`, broken);
  }
  await dir.write("init/openclaw-without-discord.json", "{}\n");
  for (const folder of ["served", "home", "folder"]) await Deno.mkdir(path(folder));
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
  const archives = join(home, ".openclaw-pack/archives");
  const startWith: Volume["startWith"] = async ({ env = {}, script = "install-archives.sh" }, ...rows) => {
    await dir.write("init/table.txt", `# made by a test\n${rows.map((row) => `${row}\n`).join("")}`);
    const { code, stdout, stderr } = await exec("sh", [path("init", script), path("init/table.txt"), path("folder")], {
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: path("tmp"),
        ARCHIVES_DIR: archives,
        npm_config_cache: path("tmp/npm"),
        npm_config_registry: `${url}/`,
        PAUSE_MS: "1",
        // Only for these rows, because a busy machine can be silent too.
        ...(rows.some((row) => row.includes("/silent/")) ? { SILENCE_MS: "500" } : {}),
        ...env,
      },
    });
    assert.equal(code, 0, stderr);
    return stdout + stderr;
  };
  try {
    await use({
      home,
      archives,
      folder: path("folder"),
      proof: path("proof"),
      unplug,
      publish: async ({ name, version, way, checksum, tar = [] }) => {
        const program = path("packed", name, "bin", name);
        await dir.write(`packed/${name}/bin/${name}`, programOf(name, version, path("proof")));
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
      start: (...rows) => startWith({}, ...rows),
      startWith,
      version: async (name) => (await runOrThrow(join(path("folder"), "bin", name), [])).stdout.trim(),
    });
  } finally {
    await unplug();
  }
}

/** A program that prints its version and leaves a proof that it ran. */
const programOf = (name: string, version: string, proof: string) =>
  `#!/bin/sh\necho ran >>'${proof}'\necho "${name} version ${version} (of a test)"\n`;
const machine = { x86_64: "amd64", aarch64: "arm64" }[Deno.build.arch];
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
const exists = (path: string) => Deno.lstat(path).then(() => true, () => false);
const MISSING = "could not be verified and installed, so it is missing until a start succeeds with it";

/** What an elevated session can leave in place of the kept archive, or of the folders above it. */
const HOSTILE: Record<string, (archive: string, outside: string) => Promise<unknown>> = {
  "a pipe": (archive) => runOrThrow("mkfifo", [archive]),
  "a device's link": (archive) => Deno.symlink("/dev/zero", archive),
  "a link to itself": (archive) => Deno.symlink(archive, archive),
  "a full folder": (archive) => Deno.mkdir(join(archive, "folder"), { recursive: true }),
  "a file without rights": (archive) => Deno.writeTextFile(archive, "", { mode: 0o000 }),
  "half of an archive": (archive) => Deno.writeTextFile(archive, "\x1f\x8b"),
  "a folder without rights above it": (archive) => Deno.chmod(join(archive, ".."), 0o000),
  "a file above it": async (archive) => {
    await Deno.remove(join(archive, ".."), { recursive: true });
    await Deno.writeTextFile(join(archive, ".."), "");
  },
  "a link above it": async (archive, outside) => {
    await Deno.remove(join(archive, ".."), { recursive: true });
    await Deno.symlink(outside, join(archive, ".."));
  },
  "a link two above it": async (archive, outside) => {
    await Deno.remove(join(archive, "../.."), { recursive: true });
    await Deno.symlink(outside, join(archive, "../.."));
  },
};

/** The guarantees, each with a fault that would break it. */
const SCENARIOS: Record<string, { run: (volume: Volume) => Promise<void>; fault: Fault }> = {
  "both tools are installed, from npm and by URL, and a restart needs no network": {
    run: async ({ archives, folder, publish, start, unplug, version }) => {
      const rows = [
        await publish({ name: "codex", version: "1.0.0", way: "npm" }),
        await publish({ name: "gh", version: "2.0.0" }),
      ];
      const installed = "codex 1.0.0 is verified and installed\ngh 2.0.0 is verified and installed\n";
      assert.equal(await start(...rows), installed);
      await unplug();
      assert.equal(await start(...rows), installed);
      assert.equal(await version("codex"), "codex version 1.0.0 (of a test)");
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      assert.deepEqual(names(folder), ["bin", "codex", "gh"]);
      assert.deepEqual(names(archives), ["codex.tgz", "gh.tgz"]);
      for (const path of [archives, join(folder, "gh")]) assert.equal((await Deno.stat(path)).mode! & 0o777, 0o700);
    },
    fault: { file: "archive.mjs", from: "if (await fromVolume())", to: "if (false)" },
  },
  "another version replaces the previous one, and its archive": {
    run: async ({ archives, publish, start, version }) => {
      await start(await publish({ name: "gh", version: "2.0.0" }));
      assert.match(await start(await publish({ name: "gh", version: "2.1.0" })), /gh 2\.1\.0 is verified/);
      assert.equal(await version("gh"), "gh version 2.1.0 (of a test)");
      assert.deepEqual(names(archives), ["gh.tgz"]);
      await start(await publish({ name: "gh", version: "2.0.0" }));
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
    },
    fault: { file: "archive.mjs", from: "if (found !== checksum)", to: "if (false)" },
  },
  "an archive with another checksum is not unpacked, and nothing that is not pinned stays": {
    run: async ({ folder, publish, start, unplug, version }) => {
      const right = await publish({ name: "gh", version: "2.0.0" });
      const wrong = await publish({ name: "gh", version: "2.1.0", checksum: "0".repeat(64) });
      await start(right);
      const output = await start(wrong);
      assert.match(output, /expected the checksum 0{64}, found /);
      assert.ok(output.endsWith(`gh 2.1.0 ${MISSING}\n`), output);
      assert.deepEqual([names(folder), names(join(folder, "bin"))], [["bin"], []]);
      const checksum = `sha512-${"A".repeat(86)}==`;
      const npm = await publish({ name: "codex", version: "1.0.0", way: "npm", checksum });
      assert.ok((await start(npm)).endsWith(`codex 1.0.0 ${MISSING}\n`));
      await unplug();
      await start(right);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
    },
    fault: { file: "archive.mjs", from: "found === checksum", to: "found" },
  },
  "an interrupted download replaces nothing on the volume": {
    run: async ({ publish, start, unplug }) => {
      const right = await publish({ name: "gh", version: "2.0.0" });
      await start(right);
      const output = await start(await publish({ name: "gh", version: "2.1.0", way: "cut" }));
      assert.ok(output.endsWith(`gh 2.1.0 ${MISSING}\n`), output);
      await unplug();
      assert.equal(await start(right), "gh 2.0.0 is verified and installed\n");
    },
    fault: {
      file: "install-archives.sh",
      from: `"$new/archive" "$2" || return`,
      to: `"$new/archive" "$2" || { rm "$ARCHIVES_DIR/$1.tgz"; return 1; }`,
    },
  },
  "a server that stops sending does not block the start": {
    run: async ({ publish, start, version }) => {
      const silent = await publish({ name: "codex", version: "1.0.0", way: "silent" });
      const output = await start(silent, await publish({ name: "gh", version: "2.0.0" }));
      assert.match(output, /silent for 0\.5 s\n.*codex 1\.0\.0 could not be verified/s);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
    },
    fault: { file: "archive.mjs", from: "silence.abort(", to: "void (" },
  },
  "an unreachable registry does not prevent the start, and is tried again": {
    run: async ({ publish, start, unplug }) => {
      const rows = [await publish({ name: "codex", version: "1.0.0", way: "npm" })];
      await unplug();
      const output = await start(...rows);
      assert.equal(output.match(/ECONNREFUSED/g)?.length, 3, output);
      assert.ok(output.endsWith(`codex 1.0.0 ${MISSING}\n`), output);
    },
    fault: {
      file: "install-archives.sh",
      from: 'so it is missing until a start succeeds with it" >&2',
      to: '" >&2; exit 1',
    },
  },
  "an archive with paths outside its folder writes nothing there": {
    run: async ({ folder, publish, start }) => {
      const victim = join(folder, "../victim");
      await Deno.writeTextFile(victim, "untouched\n");
      const upward = await publish({
        name: "gh",
        version: "2.0.0",
        tar: ["--transform", "s,.*/gh$,../../../victim,S"],
      });
      assert.match(await start(upward), /gh 2\.0\.0 could not be verified/);
      assert.equal(await Deno.readTextFile(victim), "untouched\n");
      assert.deepEqual(names(join(folder, "bin")), []);
    },
    fault: { file: "install-archives.sh", from: "tar -xzf", to: "tar -xzPf" },
  },
  "a replaced archive of the same size, with a program that prints the right version, is never used": {
    run: async ({ archives, folder, home, proof, publish, start, unplug, version }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      await start(row);
      const kept = join(archives, "gh.tgz");
      const genuine = await Deno.readFile(kept);
      const planted = join(home, "planted");
      await Deno.mkdir(join(planted, "gh/bin"), { recursive: true });
      const program = join(planted, "gh/bin/gh");
      await Deno.writeTextFile(program, programOf("gh", "2.0.0", join(home, "owned")), { mode: 0o755 });
      await runOrThrow("tar", ["-C", planted, "-czf", kept, "gh"]);
      // gzip ignores what follows.
      const size = (await Deno.stat(kept)).size;
      if (size < genuine.length) await Deno.truncate(kept, genuine.length);
      const output = await start(row);
      assert.match(output, /gh\.tgz is not used: it has another checksum; downloading the archive again/);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
      assert.deepEqual(await Deno.readFile(kept), genuine);
      await Deno.writeFile(kept, genuine.with(genuine.length - 1, genuine.at(-1)! ^ 1));
      await unplug();
      assert.ok((await start(row)).endsWith(`gh 2.0.0 ${MISSING}\n`));
      assert.deepEqual(names(join(folder, "bin")), []);
      assert.deepEqual([await exists(join(home, "owned")), await Deno.readTextFile(proof)], [false, "ran\n"]);
    },
    fault: { file: "archive.mjs", from: "if (found !== checksum)", to: "if (false)" },
  },
  "no program is run to check it": {
    run: async ({ proof, publish, start, version }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      await start(row);
      await start(row);
      assert.equal(await exists(proof), false);
      await version("gh");
      assert.equal(await exists(proof), true);
    },
    fault: { file: "install-archives.sh", from: "  mv -T", to: `  "$new/files/$4" >/dev/null\n  mv -T` },
  },
  "whatever is in place of a kept archive, it is downloaded again, kept again, and nothing else is changed": {
    run: async ({ archives, home, publish, start, startWith, version }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      const kept = join(archives, "gh.tgz");
      for (const [what, plant] of Object.entries(HOSTILE)) {
        await start(row);
        await Deno.remove(kept);
        const outside = join(home, "outside");
        await Deno.mkdir(join(outside, "archives"), { recursive: true });
        await plant(kept, outside);
        const output = await startWith({ env: { DEADLINE: "20" } }, row);
        assert.match(output, /gh 2\.0\.0 is verified and installed/, what);
        assert.equal(await version("gh"), "gh version 2.0.0 (of a test)", what);
        assert.equal((await Deno.lstat(kept).catch(() => undefined))?.isFile, true, `${what}: ${output}`);
        for (const path of [archives, join(archives, "..")]) assert.equal((await Deno.lstat(path)).isDirectory, true);
        assert.deepEqual([names(outside), names(join(outside, "archives"))], [["archives"], []], what);
        assert.equal(await start(row), "gh 2.0.0 is verified and installed\n", what);
      }
    },
    fault: { file: "archive.mjs", from: "!state.isDirectory()) await aside(path)", to: "false) await aside(path)" },
  },
  "a pipe in place of a kept archive does not block the start": {
    run: async ({ archives, publish, startWith, version }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      await Deno.mkdir(archives, { recursive: true });
      await runOrThrow("mkfifo", [join(archives, "gh.tgz")]);
      assert.match(await startWith({ env: { DEADLINE: "20" } }, row), /is not used: it is not a file/);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
    },
    fault: { file: "archive.mjs", from: " | constants.O_NONBLOCK", to: "" },
  },
  "a volume that takes no file costs a download, and nothing else": {
    run: async ({ publish, startWith, version }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      const output = await startWith({ env: { ARCHIVES_DIR: "/proc/nothing/archives" } }, row);
      assert.match(output, /no copy of .* could be kept on the volume, so the next start downloads it again: /);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
    },
    fault: { file: "archive.mjs", from: "console.error(`no copy", to: "throw error;\n    console.error(`no copy" },
  },
  "what an interrupted start has left in the pod's folder is removed": {
    run: async ({ folder, publish, start, version }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      for (const path of ["bin", "gh/gh/bin", ".new/files/gh"]) {
        await Deno.mkdir(join(folder, path), { recursive: true });
      }
      for (const path of ["bin/ls", "gh/gh/bin/gh"]) await Deno.writeTextFile(join(folder, path), "", { mode: 0o755 });
      await Deno.symlink("../gh/gh/bin/gh", join(folder, "bin/gh"));
      await start(row);
      assert.deepEqual([names(folder), names(join(folder, "bin"))], [["bin", "gh"], ["gh"]]);
      assert.equal(await version("gh"), "gh version 2.0.0 (of a test)");
    },
    fault: {
      file: "install-archives.sh",
      from: `find "$folder"`,
      to: `: "$folder"`,
    },
  },
  "whatever takes too long ends with the deadline, and the start goes on": {
    run: async ({ folder, publish, startWith, unplug }) => {
      const silent = await publish({ name: "codex", version: "1.0.0", way: "silent" });
      const output = await startWith({ env: { DEADLINE: "2", SILENCE_MS: "30000" } }, silent);
      assert.match(output, /not everything could be verified and installed in time; the assistant starts with what/);
      assert.deepEqual(names(join(folder, "bin")), []);
      await unplug();
    },
    fault: { file: "install-archives.sh", from: "within-deadline ||", to: "within-deadline;" },
  },
  "an architecture without tools starts without them": {
    run: async ({ folder, publish, start }) => {
      const row = (await publish({ name: "gh", version: "2.0.0" })).replace(` ${machine} `, " riscv64 ");
      assert.match(await start(row), /^nothing is available for \w+; the assistant starts without it\n$/);
      assert.deepEqual(names(join(folder, "bin")), []);
    },
    fault: { file: "install-archives.sh", from: `[ "$architecture" = "$machine" ] ||`, to: ": ||" },
  },
  "an archive without its program, or with a link in its place, is not installed": {
    run: async ({ folder, publish, start }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      for (const program of ["gh/bin/none", "gh/bin"]) {
        const output = await start(row.replace("gh/bin/gh", program));
        assert.match(output, new RegExp(`does not contain the program ${program}`));
        assert.deepEqual(names(folder), ["bin"]);
      }
    },
    fault: { file: "install-archives.sh", from: `[ ! -f "$new/files/$4" ]`, to: "false" },
  },
  "what an earlier version of the pack has left on the volume is deleted": {
    run: async ({ home, publish, startWith }) => {
      const row = await publish({ name: "gh", version: "2.0.0" });
      const obsolete = join(home, ".openclaw-pack/tools");
      await Deno.mkdir(join(obsolete, "gh-1.0.0/locked/folder"), { recursive: true });
      await Deno.chmod(join(obsolete, "gh-1.0.0/locked"), 0o000);
      await startWith({ env: { OBSOLETE: obsolete } }, row);
      assert.equal(await exists(obsolete), false);
      const outside = join(home, "outside");
      await Deno.mkdir(outside);
      await Deno.symlink(outside, obsolete);
      await startWith({ env: { OBSOLETE: obsolete } }, row);
      assert.deepEqual([await exists(obsolete), await exists(outside)], [false, true]);
    },
    fault: { file: "install-archives.sh", from: `rm -rf "$1"'`, to: `:'` },
  },
  "without a verified plugin the gateway gets a configuration without Discord": {
    run: async ({ archives, folder, home, publish, startWith, unplug }) => {
      const row = (await publish({ name: "package", version: "1.0.0", way: "npm" }))
        .replace("package", "discord").replace(/\S+$/, "-").replace(` ${machine} `, " any ");
      await Deno.writeTextFile(join(folder, "../packed/package/package.json"), "{}\n");
      await Deno.mkdir(join(folder, "../packed/package/node_modules"));
      await Deno.writeTextFile(join(folder, "../packed/package/node_modules/ws.js"), "");
      const archive = join(folder, "../served/package-1.0.0.tgz");
      await runOrThrow("tar", ["-C", join(folder, "../packed"), "-czf", archive, "package"]);
      const integrity = `sha512-${createHash("sha512").update(await Deno.readFile(archive)).digest("base64")}`;
      const pinned = row.replace(/sha512-\S+/, integrity);
      const mountPoint = join(home, "npm");
      const options = { script: "install-plugins.sh", env: { MOUNT_POINT: mountPoint } } as const;
      assert.equal(await startWith(options, pinned), "discord 1.0.0 is verified and installed\n");
      const project = join(folder, "projects/openclaw-discord-c0892df945");
      assert.equal(await Deno.readTextFile(join(project, "node_modules/@openclaw/discord/package.json")), "{}\n");
      const { dependencies } = JSON.parse(await Deno.readTextFile(join(project, "package.json")));
      assert.deepEqual(dependencies, { "@openclaw/discord": "1.0.0" });
      await Deno.writeTextFile(join(archives, "discord.tgz"), "");
      await unplug();
      const below = join(mountPoint, "projects/openclaw-discord-c0892df945/node_modules/@openclaw/discord");
      assert.equal((await Deno.stat(below)).isDirectory, true);
      const plants = [
        () => Deno.remove(below),
        () => Deno.writeTextFile(join(below, "index.js"), "planted"),
        () => Deno.remove(mountPoint, { recursive: true }).then(() => Deno.writeTextFile(mountPoint, "")),
        () => Deno.remove(mountPoint, { recursive: true }).then(() => Deno.symlink("/proc", mountPoint)),
      ];
      for (const plant of plants) {
        await plant();
        const said = await startWith(options, pinned);
        assert.match(said, /discord 1\.0\.0 could not .*\nthe assistant starts without Discord; restart/);
        assert.equal(await exists(join(folder, "config/openclaw.json")), true);
        assert.equal(await exists(project), false);
        assert.equal((await Deno.lstat(mountPoint)).isDirectory, true);
        assert.deepEqual(names(below), []);
      }
    },
    fault: { file: "install-plugins.sh", from: `[ -f "$2/discord/package/package.json" ]`, to: "true" },
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
