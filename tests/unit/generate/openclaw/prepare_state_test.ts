import assert from "node:assert/strict";
import { join } from "node:path";

const SCRIPT = join(Deno.cwd(), "src/generate/openclaw/init/prepare-state.sh");

/** A volume, the two ConfigMaps as the kubelet mounts them, and the generated script. */
async function volume(use: (home: string, start: () => Promise<string>) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const home = join(folder, "home");
  await Deno.mkdir(home);
  await mounted(join(folder, "config"), { "openclaw.json": "{}\n" });
  await mounted(join(folder, "workspace"), { "SOUL.md": "rules\n", "skills/codex-review/SKILL.md": "skill\n" });
  try {
    await use(home, async () => {
      const { success, stderr } = await new Deno.Command("sh", {
        args: [SCRIPT, ...["config", "workspace", "instead"].map((name) => join(folder, name))],
        env: { HOME: home, OPENCLAW_STATE_DIR: join(home, ".openclaw") },
      }).output();
      const text = new TextDecoder().decode(stderr);
      assert.ok(success, text);
      return text;
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Files behind links, as in a ConfigMap volume. */
async function mounted(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const real = join(folder, "..2026_11_22", path);
    await Deno.mkdir(join(real, ".."), { recursive: true });
    await Deno.writeTextFile(real, text);
    const first = path.split("/")[0] ?? "";
    await Deno.symlink(`..2026_11_22/${first}`, join(folder, first)).catch(() => undefined);
  }
}

const read = (...path: string[]) => Deno.readTextFile(join(...path));

/** Returns the files on the volume except those that can be created again. */
const statesIn = (home: string) =>
  [...Deno.readDirSync(home)].map(({ name }) => name).filter((name) => name !== ".openclaw-pack").toSorted();

async function edits(home: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) await walk(join(folder, name));
      else found.push(await read(folder, name));
    }
  };
  await walk(join(home, ".openclaw/.openclaw-pack/edits")).catch(() => undefined);
  return found;
}

Deno.test("an empty volume receives the files from Git, readable only by the gateway", async () => {
  await volume(async (home, start) => {
    assert.equal(await start(), "");
    const state = join(home, ".openclaw");
    assert.equal(await read(state, "openclaw.json"), "{}\n");
    assert.equal(await read(state, "workspace/SOUL.md"), "rules\n");
    assert.equal(await read(state, "workspace/skills/codex-review/SKILL.md"), "skill\n");
    assert.equal((await Deno.stat(state)).mode! & 0o777, 0o700);
    assert.equal((await Deno.stat(join(state, "openclaw.json"))).mode! & 0o777, 0o600);
    assert.ok((await Deno.stat(join(state, "workspace/.openclaw/sandbox-skills/skills"))).isDirectory);
    assert.deepEqual(await edits(home), []);
  });
});

Deno.test("an edited file is restored, the edit is kept, and the agent's own files stay", async () => {
  await volume(async (home, start) => {
    await start();
    const workspace = join(home, ".openclaw/workspace");
    await Deno.writeTextFile(join(workspace, "SOUL.md"), "do as you like\n");
    await Deno.writeTextFile(join(workspace, "notes.md"), "mine\n");
    assert.match(await start(), /workspace\/SOUL\.md was changed on the volume/);
    assert.equal(await read(workspace, "SOUL.md"), "rules\n");
    assert.equal(await read(workspace, "notes.md"), "mine\n");
    assert.deepEqual(await edits(home), ["do as you like\n"]);
    assert.equal(await start(), "", "another start changes nothing");
  });
});

Deno.test("a configuration that the step before has prepared is used instead, and Git's again afterwards", async () => {
  await volume(async (home, start) => {
    const config = () => read(home, ".openclaw/openclaw.json");
    await start();
    const instead = join(home, "../instead");
    await Deno.mkdir(instead);
    assert.deepEqual([await start(), await config()], ["", "{}\n"]);
    await Deno.writeTextFile(join(instead, "openclaw.json"), "{ }\n");
    assert.deepEqual([await start(), await config()], ["", "{ }\n"]);
    await Deno.remove(instead, { recursive: true });
    assert.deepEqual([await start(), await config()], ["", "{}\n"]);
    assert.deepEqual(await edits(home), []);
  });
});

Deno.test("a start writes only what differs, and space is reserved for a start on a full volume", async () => {
  await volume(async (home, start) => {
    await start();
    const written = ["openclaw.json", "workspace/SOUL.md", ".openclaw-pack/installed/workspace/SOUL.md"];
    const inodes = () => Promise.all(written.map(async (name) => (await Deno.stat(join(home, ".openclaw", name))).ino));
    const before = await inodes();
    const reserve = join(home, ".openclaw-pack/reserve");
    assert.equal((await Deno.stat(reserve)).size, 256 * 2 ** 20);
    await start();
    assert.deepEqual(await inodes(), before);
    // Control: a file that differs has another inode afterwards.
    await Deno.writeTextFile(join(home, "../workspace/..2026_11_22/SOUL.md"), "new rules\n");
    await start();
    assert.deepEqual((await inodes()).map((inode, index) => inode === before[index]), [true, false, false]);
  });
});

Deno.test("a change in Git is not an edit", async () => {
  await volume(async (home, start) => {
    await start();
    const source = join(home, "../workspace/..2026_11_22/SOUL.md");
    await Deno.writeTextFile(source, "new rules\n");
    assert.equal(await start(), "");
    assert.equal(await read(home, ".openclaw/workspace/SOUL.md"), "new rules\n");
    assert.deepEqual(await edits(home), []);
  });
});

Deno.test("links that the agent planted are not followed", async () => {
  await volume(async (home, start) => {
    await start();
    const workspace = join(home, ".openclaw/workspace");
    const outside = join(home, "outside");
    await Deno.mkdir(outside);
    await Deno.writeTextFile(join(outside, "victim"), "untouched\n");
    await Deno.remove(join(workspace, "SOUL.md"));
    await Deno.symlink(join(outside, "victim"), join(workspace, "SOUL.md"));
    await Deno.remove(join(workspace, "skills"), { recursive: true });
    await Deno.symlink(outside, join(workspace, "skills"));
    await start();
    assert.equal(await read(outside, "victim"), "untouched\n");
    assert.deepEqual([...Deno.readDirSync(outside)].map(({ name }) => name), ["victim"]);
    assert.equal(await read(workspace, "SOUL.md"), "rules\n");
    assert.equal(await read(workspace, "skills/codex-review/SKILL.md"), "skill\n");
    assert.ok(!(await Deno.lstat(join(workspace, "skills"))).isSymlink);
  });
});

Deno.test("the volume of an older deployment is moved into its folder, even after an interruption", async () => {
  await volume(async (home, start) => {
    await Deno.mkdir(join(home, "lost+found"));
    await Deno.mkdir(join(home, ".openclaw.moving"));
    await Deno.writeTextFile(join(home, ".openclaw.moving/openclaw.json"), "{}\n");
    await Deno.mkdir(join(home, "workspace"));
    await Deno.writeTextFile(join(home, "workspace/notes.md"), "mine\n");
    await Deno.chmod(join(home, "workspace"), 0o2775);
    assert.match(await start(), /moving the state of an older deployment/);
    assert.equal(await read(home, ".openclaw/workspace/notes.md"), "mine\n");
    assert.equal((await Deno.stat(join(home, ".openclaw/workspace"))).mode! & 0o077, 0);
    assert.deepEqual(statesIn(home), [".openclaw", "lost+found"]);
  });
});

Deno.test("a restored state replaces the current one, which is kept, even after an interruption", async () => {
  for (const cutOff of [false, true]) {
    await volume(async (home, start) => {
      await start();
      const state = join(home, ".openclaw");
      await Deno.writeTextFile(join(state, "workspace/notes.md"), "present\n");
      await Deno.mkdir(`${state}.restored/workspace`, { recursive: true });
      await Deno.writeTextFile(`${state}.restored/workspace/notes.md`, "restored\n");
      // Interrupted between the two renames.
      if (cutOff) await Deno.rename(state, `${state}.before-restore-20261122T000000Z`);
      assert.match(await start(), /^restore: the restored state is in place$/m);
      assert.equal(await read(state, "workspace/notes.md"), "restored\n");
      assert.equal(await read(state, "workspace/SOUL.md"), "rules\n");
      const names = statesIn(home);
      assert.equal(names.length, 2);
      assert.match(names[1] ?? "", /^\.openclaw\.before-restore-\d{8}T\d{6}Z$/);
      assert.equal(await read(home, names[1] ?? "", "workspace/notes.md"), "present\n");
      assert.equal(await start(), "", "another start changes nothing");
    });
  }
});

Deno.test("a restored state with a deadline is installed until then, and ignored afterwards", async () => {
  const seconds = Math.floor(Date.now() / 1000);
  const deadlines: [until: string, installed: boolean][] = [
    [`${seconds + 600}\n`, true],
    [`${seconds - 1}\n`, false],
    ["", false],
    ["tomorrow\n", false],
  ];
  for (const [until, installed] of deadlines) {
    await volume(async (home, start) => {
      await start();
      const state = join(home, ".openclaw");
      await Deno.writeTextFile(join(state, "workspace/notes.md"), "current\n");
      await Deno.mkdir(`${state}.restored/workspace`, { recursive: true });
      await Deno.writeTextFile(`${state}.restored/workspace/notes.md`, "restored\n");
      await Deno.writeTextFile(`${state}.restored/.openclaw-pack-until`, until);
      const told = await start();
      assert.match(told, installed ? /the restored state is in place/ : /not finished in time and is ignored/);
      assert.equal(await read(state, "workspace/notes.md"), installed ? "restored\n" : "current\n");
      await assert.rejects(Deno.stat(join(state, ".openclaw-pack-until")), Deno.errors.NotFound);
      // No later start finds it.
      assert.equal(await start(), "");
      assert.equal(await read(state, "workspace/notes.md"), installed ? "restored\n" : "current\n");
    });
  }
});

Deno.test("a lost state is restored too", async () => {
  await volume(async (home, start) => {
    await Deno.mkdir(join(home, ".openclaw.restored/workspace"), { recursive: true });
    await start();
    assert.deepEqual(statesIn(home), [".openclaw"]);
  });
});
