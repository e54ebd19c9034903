/**
 * The real OpenClaw on the generated backup: archives that were created while the gateway runs restore a conversation and the
 * workspace after both were lost, a hostile workspace stops nothing, and a broken archive is refused.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/tables/pins.ts";
import { tool } from "../support/tools.ts";
import { tempDir } from "../support/temp_dir.ts";
import { backupPods, type BackupVolumes } from "../support/runtime/backup_pods.ts";
import { podRuntime } from "../support/runtime/scratch.ts";

const SAID = "remember the blue whale";

const runtime = await tool("the gateway's pod and the backup's", () => podRuntime(IMAGES.openclaw));

function volumesIn(folder: string): BackupVolumes {
  const [home, workspaces, backups] = [join(folder, "home"), join(folder, "workspaces"), join(folder, "backups")];
  for (const path of [home, workspaces, backups]) Deno.mkdirSync(path);
  return { home, workspaces, backups };
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();

Deno.test({
  name: "a lost state and workspace are restored from their archives, with the conversation",
  ignore: runtime.ignore,
  fn: async () => {
    await using dir = await tempDir();
    const volumes = volumesIn(dir.path);
    const { home, workspaces } = volumes;
    const here = await backupPods(volumes);
    const [state, workspace, good] = [join(home, ".openclaw"), join(workspaces, "main"), join(volumes.backups, "good")];

    await here.withGateway(async (gateway) => {
      await gateway.say(SAID);
      assert.match(await gateway.history(), new RegExp(SAID));
      await Deno.writeTextFile(join(workspace, "notes.md"), "mine\n");
      // An expired deadline that the assistant has planted must not keep a later restore from being installed.
      await Deno.writeTextFile(join(state, ".openclaw-pack-until"), "1\n");
      const made = await here.backup("create");
      assert.equal(made.code, 0, made.stdout);
      assert.match(made.stdout, /Z\.tar\.gz restores: 1 sessions\n/);
      // A later restore discards these.
      await gateway.say("a later thought");
      await Deno.writeTextFile(join(workspace, "notes.md"), "later\n");
    });
    const [archive = "", companion = "", ...more] = names(good);
    assert.deepEqual([companion, more], [archive.replace(/\.tar\.gz$/, ".workspace.tar.gz"), []]);
    for (const path of [good, join(good, archive), join(good, companion)]) {
      assert.equal((await Deno.stat(path)).mode! & 0o077, 0, path);
    }

    const before = await tree(dir.path);
    const drill = await here.backup("drill", "latest");
    assert.equal(drill.code, 0, drill.stdout);
    // What the gateway itself creates in a workspace may change.
    assert.match(
      drill.stdout,
      new RegExp(
        `^${archive} restores: 1 sessions\n${companion} restores: \\d+ files, \\d+ folders, 0 links, \\d+ bytes\n$`,
      ),
    );
    assert.deepEqual(await tree(dir.path), before, "a restore test changes nothing on the volumes");

    for (const path of [state, workspace]) await Deno.remove(path, { recursive: true });
    const cancelled = [await here.backup("prepare", "latest", "10"), await here.backup("cancel")];
    assert.deepEqual(cancelled.map(({ code, stdout }) => [code, stdout]), [
      [0, `${archive} is ready; a start of the gateway within 10 min installs it\n`],
      [0, "the pending restore is cancelled; the state was not changed\n"],
    ]);
    assert.equal((await here.backup("prepare", "latest", "0")).code, 0);
    await new Promise((done) => setTimeout(done, 1100));
    // Neither the cancelled restore nor the late one brings anything back.
    await here.withGateway(async (gateway) => assert.doesNotMatch(await gateway.history(), new RegExp(SAID)));
    await assert.rejects(Deno.stat(join(workspace, "notes.md")), Deno.errors.NotFound);

    const prepared = await here.backup("prepare", "latest");
    assert.equal(prepared.code, 0, prepared.stdout);
    await here.withGateway(async (gateway) => {
      const history = await gateway.history();
      assert.match(history, new RegExp(SAID));
      assert.doesNotMatch(history, /a later thought/);
      assert.equal(await Deno.readTextFile(join(workspace, "notes.md")), "mine\n");
      await gateway.say("it goes on");
    });
    assert.ok(names(home).some((name) => name.startsWith(".openclaw.before-restore-")));
    assert.ok(names(workspaces).some((name) => name.startsWith("main.set-aside-")));
    // The restored state can be backed up, and what the late restore left is deleted.
    const again = await here.backup("create");
    assert.equal(again.code, 0, again.stdout);
    assert.deepEqual([...names(home), ...names(workspaces)].filter((name) => name.includes("late-restore")), []);
  },
});

/** What the sandbox's user can leave in the workspace, and what becomes of it. */
const HOSTILE = `
set -e
ln -s /etc/passwd leaves
mkdir -p venv/bin venv/lib && ln -s /usr/bin/python3 venv/bin/python3 && ln -s python3 venv/bin/python && ln -s lib venv/lib64
mkfifo pipe
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "socket", Listen => 1) or die'
mkdir locked && echo inside >locked/inside
echo private >private
perl -e 'for ("bad\xff\xfename", "new\nline") { open my $file, ">", $_ or die }'
truncate --size=3G sparse
mkdir many && cd many && seq 20000 | xargs touch && cd ..
perl -e 'for (1 .. 25) { mkdir "d" x 200 or die; chdir "d" x 200 or die } open my $file, ">", "end" or die'
chown -R -h 1001:1001 leaves venv pipe socket locked private bad* new* sparse many ddd*
chmod 600 private && chmod 0 locked
`;

Deno.test({
  name: "nothing in a hostile workspace stops a backup, and all of it that can be restored comes back",
  ignore: runtime.ignore,
  fn: async (t) => {
    await using dir = await tempDir();
    const volumes = volumesIn(dir.path);
    const here = await backupPods(volumes);
    const workspace = join(volumes.workspaces, "main");
    const inWorkspace = async (script: string) => {
      const { success, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", script], cwd: workspace })
        .output();
      assert.ok(success, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };

    await here.withGateway(async (gateway) => {
      await gateway.say(SAID);
      await t.step(
        "control: OpenClaw's own archive of the workspace fails for a link",
        async () => {
          // The links that take the names of prompt files leave the workspace, too.
          await inWorkspace("find . -maxdepth 1 -type l -delete");
          const old = "cd /app && timeout 20 node openclaw.mjs backup create --verify --output /tmp/old.tar.gz";
          for (const [plant, code] of [[": >x", 0], ["ln -s /etc/passwd x", 1]] as const) {
            await inWorkspace(plant);
            const { stdout, code: found } = await here.shell(old);
            assert.equal(found, code, stdout);
            await inWorkspace("rm x");
          }
        },
      );
      await inWorkspace(HOSTILE);
      const begin = performance.now();
      const { code, stdout } = await here.backup("create");
      console.log(`the night took ${Math.round((performance.now() - begin) / 1000)} s\n${stdout}`);
      assert.equal(code, 0, stdout);
      const left = stdout.split("\n").filter((line) => line.startsWith("not archived: ")).toSorted();
      // 6 folders and a file.
      const tooLong = "not archived: ./LONG: its path is too long";
      assert.deepEqual(left.map((line) => line.replace(/d{9,}.*:/, "LONG:")), [
        ...Array(7).fill(tooLong),
        "not archived: ./locked: no permission",
        "not archived: ./pipe: neither a file nor a folder",
        "not archived: ./socket: neither a file nor a folder",
      ]);
      assert.match(stdout, /the workspace has sparse files: it occupies \d+ MiB and appears as 3\d\d\d MiB/);
    });

    await Deno.remove(join(volumes.home, ".openclaw"), { recursive: true });
    await Deno.remove(workspace, { recursive: true });
    const prepared = await here.backup("prepare", "latest");
    assert.equal(prepared.code, 0, prepared.stdout);
    await here.withGateway(async (gateway) => assert.match(await gateway.history(), new RegExp(SAID)));
    const [private_, sparse] = [
      await Deno.stat(join(workspace, "private")),
      await Deno.stat(join(workspace, "sparse")),
    ];
    assert.deepEqual([private_.uid, private_.mode! & 0o777, await Deno.readTextFile(join(workspace, "private"))], [
      1000,
      0o600,
      "private\n",
    ]);
    assert.equal(sparse.size, 3 * 2 ** 30);
    assert.ok(sparse.blocks! < 100, `${sparse.blocks} blocks`);
    assert.equal(names(join(workspace, "many")).length, 20000);
    assert.deepEqual(
      [Deno.readLinkSync(join(workspace, "leaves")), Deno.readLinkSync(join(workspace, "venv/lib64"))],
      ["/etc/passwd", "lib"],
    );
    assert.equal(
      await inWorkspace(`perl -e 'print join " ", map { -e $_ ? 1 : 0 } "bad\xff\xfename", "new\nline"'`),
      "1 1",
    );
    for (const gone of ["pipe", "socket", "locked"]) assert.ok(!names(workspace).includes(gone), gone);
  },
});

Deno.test({
  name: "OpenClaw refuses a broken archive, and the state is unchanged",
  ignore: runtime.ignore,
  fn: async () => {
    await using dir = await tempDir();
    const volumes = volumesIn(dir.path);
    const here = await backupPods(volumes);
    const { backups } = volumes;
    const good = join(backups, "good");
    await here.withGateway(async (gateway) => {
      await gateway.say(SAID);
      assert.equal((await here.backup("create")).code, 0);
    });
    const [archive = ""] = names(good);
    const whole = await Deno.readFile(join(good, archive));
    const broken: Record<string, Uint8Array> = {
      "openclaw-20250101T000000Z.tar.gz": whole.slice(0, whole.length / 2),
      "openclaw-20250102T000000Z.tar.gz": whole.with(Math.floor(whole.length / 2), whole[whole.length >> 1]! ^ 0xff),
      "openclaw-20250103T000000Z.tar.gz": new TextEncoder().encode("no archive"),
    };
    for (const [name, bytes] of Object.entries(broken)) await Deno.writeFile(join(backups, name), bytes);
    const before = await tree(dir.path);
    for (const name of Object.keys(broken)) {
      for (const command of ["drill", "prepare"]) {
        const { code, stdout } = await here.backup(command, name);
        assert.notEqual(code, 0, `${command} ${name}`);
        assert.match(stdout, new RegExp(`verification failed: .*${name}`));
      }
    }
    assert.deepEqual(await tree(dir.path), before);
    // Control: a valid archive is accepted.
    assert.equal((await here.backup("drill", archive)).code, 0);
  },
});

/** Returns every path below a folder with its size, except SQLite's temporary files. */
async function tree(folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await tree(path, `${prefix}${name}/`));
    else if (!/-(wal|shm)$/.test(name)) found.push(`${prefix}${name} ${(await Deno.lstat(path)).size}`);
  }
  return found.toSorted();
}
