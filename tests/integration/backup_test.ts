/**
 * The real OpenClaw on the generated backup: an archive that was created while the gateway runs restores a conversation after
 * the state was lost, and a broken archive is refused.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/tables/pins.ts";
import { tool } from "../support/tools.ts";
import { tempDir } from "../support/temp_dir.ts";
import { backupPods } from "../support/runtime/backup_pods.ts";
import { podRuntime } from "../support/runtime/scratch.ts";

const SAID = "remember the blue whale";

const runtime = await tool("the gateway's pod and the backup's", () => podRuntime(IMAGES.openclaw));

Deno.test({
  name: "a lost state is restored from its archive, with the conversation",
  ignore: runtime.ignore,
  fn: async () => {
    await using dir = await tempDir();
    const home = dir.path;
    const here = await backupPods(home);
    const [state, backups] = [join(home, ".openclaw"), join(home, "backups")];
    const archives = () => [...Deno.readDirSync(backups)].map(({ name }) => name);

    await here.withGateway(async (gateway) => {
      await gateway.say(SAID);
      assert.match(await gateway.history(), new RegExp(SAID));
      // An expired deadline that the assistant has planted must not keep a later restore from being installed.
      await Deno.writeTextFile(join(state, ".openclaw-pack-until"), "1\n");
      const made = await here.backup("create");
      assert.equal(made.code, 0, made.stdout);
      // A later restore discards this message.
      await gateway.say("a later thought");
    });
    const [archive = ""] = archives();
    assert.equal((await Deno.stat(backups)).mode! & 0o077, 0);
    assert.equal((await Deno.stat(join(backups, archive))).mode! & 0o077, 0);

    const before = await tree(home);
    const drill = await here.backup("drill", "latest");
    assert.equal(drill.code, 0, drill.stdout);
    // SOUL.md and the skill.
    assert.equal(drill.stdout, `${archive} restores: 1 sessions, 2 files in the workspace\n`);
    assert.deepEqual(await tree(home), before, "a restore test changes nothing on the volume");

    await Deno.remove(state, { recursive: true });
    const cancelled = [await here.backup("prepare", "latest", "10"), await here.backup("cancel")];
    assert.deepEqual(cancelled.map(({ code, stdout }) => [code, stdout]), [
      [0, `${archive} is ready; a start of the gateway within 10 min installs it\n`],
      [0, "the pending restore is cancelled; the state was not changed\n"],
    ]);
    assert.equal((await here.backup("prepare", "latest", "0")).code, 0);
    await new Promise((done) => setTimeout(done, 1100));
    // Neither the cancelled restore nor the late one brings anything back.
    await here.withGateway(async (gateway) => assert.doesNotMatch(await gateway.history(), new RegExp(SAID)));

    const prepared = await here.backup("prepare", "latest");
    assert.equal(prepared.code, 0, prepared.stdout);
    await here.withGateway(async (gateway) => {
      const history = await gateway.history();
      assert.match(history, new RegExp(SAID));
      assert.doesNotMatch(history, /a later thought/);
      await gateway.say("it goes on");
    });
    assert.ok([...Deno.readDirSync(home)].some(({ name }) => name.startsWith(".openclaw.before-restore-")));
    // The restored state can be backed up.
    assert.equal((await here.backup("create")).code, 0);
  },
});

Deno.test({
  name: "OpenClaw refuses a broken archive, and the state is unchanged",
  ignore: runtime.ignore,
  fn: async () => {
    await using dir = await tempDir();
    const home = dir.path;
    const here = await backupPods(home);
    const backups = join(home, "backups");
    await here.withGateway(async (gateway) => {
      await gateway.say(SAID);
      assert.equal((await here.backup("create")).code, 0);
    });
    const [archive = ""] = [...Deno.readDirSync(backups)].map(({ name }) => name);
    const whole = await Deno.readFile(join(backups, archive));
    const broken: Record<string, Uint8Array> = {
      // Later than any real archive, so that it is the latest.
      "openclaw-29990101T000000Z.tar.gz": whole.slice(0, whole.length / 2),
      "openclaw-29990102T000000Z.tar.gz": whole.with(Math.floor(whole.length / 2), whole[whole.length >> 1]! ^ 0xff),
      "openclaw-29990103T000000Z.tar.gz": new TextEncoder().encode("no archive"),
    };
    for (const [name, bytes] of Object.entries(broken)) await Deno.writeFile(join(backups, name), bytes);
    const before = await tree(home);
    for (const name of Object.keys(broken)) {
      for (const command of ["drill", "prepare"]) {
        const { code, stdout } = await here.backup(command, name);
        assert.notEqual(code, 0, `${command} ${name}`);
        assert.match(stdout, new RegExp(`verification failed: .*${name}`));
      }
    }
    assert.deepEqual(await tree(home), before);
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
