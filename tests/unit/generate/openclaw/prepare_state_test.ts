import assert from "node:assert/strict";
import { join } from "node:path";
import { namesIn, read, setAside, withVolumes } from "./volumes.ts";

/** Returns the names on the state volume except those that can be created again. */
const statesIn = (home: string) => namesIn(home).filter((name) => name !== ".openclaw-pack");

Deno.test("an empty volume receives openclaw.json, readable only by the gateway", async () => {
  await withVolumes(async ({ home, start }) => {
    assert.equal(await start(), "");
    const state = join(home, ".openclaw");
    assert.equal(await read(state, "openclaw.json"), "{}\n");
    assert.equal((await Deno.stat(state)).mode! & 0o777, 0o700);
    assert.equal((await Deno.stat(join(state, "openclaw.json"))).mode! & 0o777, 0o600);
    assert.deepEqual(await setAside(state), []);
  });
});

Deno.test("an edited openclaw.json is restored, and the edit is kept", async () => {
  await withVolumes(async ({ home, start }) => {
    await start();
    const state = join(home, ".openclaw");
    await Deno.writeTextFile(join(state, "openclaw.json"), '{"open":true}\n');
    assert.match(await start(), /openclaw\.json does not come from Git; it is kept as openclaw\.json\.set-aside-/);
    assert.equal(await read(state, "openclaw.json"), "{}\n");
    assert.deepEqual(await setAside(state), ['{"open":true}\n']);
    assert.equal(await start(), "", "another start changes nothing");
  });
});

Deno.test("a configuration that the step before has prepared is used instead, and Git's again afterwards", async () => {
  await withVolumes(async ({ home, start }) => {
    const config = () => read(home, ".openclaw/openclaw.json");
    await start();
    const instead = join(home, "../instead");
    await Deno.mkdir(instead);
    assert.deepEqual([await start(), await config()], ["", "{}\n"]);
    await Deno.writeTextFile(join(instead, "openclaw.json"), "{ }\n");
    assert.deepEqual([await start(), await config()], ["", "{ }\n"]);
    await Deno.remove(instead, { recursive: true });
    assert.deepEqual([await start(), await config()], ["", "{}\n"]);
    assert.deepEqual(await setAside(join(home, ".openclaw")), []);
  });
});

Deno.test("a start writes only what differs, and a change in Git is not an edit", async () => {
  await withVolumes(async ({ home, source, start }) => {
    await start();
    const state = join(home, ".openclaw");
    const inode = async () => (await Deno.stat(join(state, "openclaw.json"))).ino;
    const before = await inode();
    await start();
    assert.equal(await inode(), before);
    await Deno.writeTextFile(source("config", "openclaw.json"), '{"new":true}\n');
    assert.equal(await start(), "");
    assert.notEqual(await inode(), before);
    assert.equal(await read(state, "openclaw.json"), '{"new":true}\n');
    assert.deepEqual(await setAside(state), []);
  });
});

Deno.test("space and files are reserved for a start on a full volume", async () => {
  await withVolumes(async ({ home, start }) => {
    await start();
    const reserve = join(home, ".openclaw-pack/reserve");
    assert.equal((await Deno.stat(join(reserve, "space"))).size, 256 * 2 ** 20);
    assert.equal(namesIn(reserve).length, 65);
    // An earlier version's reserve was a file.
    await Deno.remove(reserve, { recursive: true });
    await Deno.writeTextFile(reserve, "");
    await start();
    assert.equal(namesIn(reserve).length, 65);
  });
});

Deno.test("nothing in the place of the pack's own files stops or misleads a start", async () => {
  for (const [name, plant] of Object.entries(PLANTED)) {
    for (const place of ["openclaw.json", ".openclaw-pack", ".openclaw-pack/installed/openclaw.json"]) {
      await withVolumes(async ({ home, start }) => {
        await start();
        const state = join(home, ".openclaw");
        const outside = join(home, "outside");
        await Deno.writeTextFile(outside, "untouched\n");
        await Deno.remove(join(state, place), { recursive: true });
        await plant(join(state, place), outside);
        await start();
        assert.equal(await read(state, "openclaw.json"), "{}\n", `${name} ${place}`);
        assert.ok((await Deno.lstat(join(state, "openclaw.json"))).isFile);
        assert.equal(await read(outside), "untouched\n");
      });
    }
  }
});

/** What an approved command could put there; a read of the pipe would never end. */
const PLANTED: Record<string, (path: string, outside: string) => Promise<unknown>> = {
  pipe: (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
  link: (path, outside) => Deno.symlink(outside, path),
  "link to nowhere": (path) => Deno.symlink("/nonexistent", path),
  "folder with files": async (path) => {
    await Deno.mkdir(path);
    await Deno.writeTextFile(join(path, "a"), "");
  },
  "other file": (path) => Deno.writeTextFile(path, "other\n"),
};

Deno.test("the volume of an older deployment is moved into its folder, even after an interruption", async () => {
  await withVolumes(async ({ home, start }) => {
    await Deno.mkdir(join(home, "lost+found"));
    await Deno.mkdir(join(home, ".openclaw.moving"));
    await Deno.writeTextFile(join(home, ".openclaw.moving/openclaw.json"), "{}\n");
    await Deno.mkdir(join(home, "sessions"));
    await Deno.writeTextFile(join(home, "sessions/one"), "mine\n");
    await Deno.chmod(join(home, "sessions"), 0o2775);
    assert.match(await start(), /moving the state of an older deployment/);
    assert.equal(await read(home, ".openclaw/sessions/one"), "mine\n");
    assert.equal((await Deno.stat(join(home, ".openclaw/sessions"))).mode! & 0o077, 0);
    assert.deepEqual(statesIn(home), [".openclaw", "lost+found"]);
  });
});

Deno.test("a restored state and its workspace replace the current ones, which are kept, even after an interruption", async () => {
  for (const cutOff of ["", "workspace", "state"]) {
    await withVolumes(async ({ home, workspaces, start }) => {
      await start();
      const state = join(home, ".openclaw");
      await Deno.writeTextFile(join(state, "sessions"), "present\n");
      await Deno.writeTextFile(join(workspaces, "main/notes.md"), "present\n");
      await Deno.mkdir(`${state}.restored`);
      await Deno.writeTextFile(`${state}.restored/sessions`, "restored\n");
      await Deno.mkdir(join(workspaces, ".restored"));
      await Deno.writeTextFile(join(workspaces, ".restored/notes.md"), "restored\n");
      // Interrupted after the rename of the workspace, or of the state.
      if (cutOff !== "") await Deno.rename(join(workspaces, ".restored"), join(workspaces, ".incoming"));
      if (cutOff === "state") await Deno.rename(state, `${state}.before-restore-20261122T000000Z`);
      const told = await start();
      assert.match(told, /^restore: the restored state is in place$/m);
      assert.match(told, /^restore: the restored workspace is in place$/m);
      assert.equal(await read(state, "sessions"), "restored\n");
      assert.equal(await read(workspaces, "main/notes.md"), "restored\n");
      assert.equal(await read(workspaces, "main/SOUL.md"), "rules\n");
      const names = statesIn(home);
      assert.equal(names.length, 2);
      assert.match(names[1] ?? "", /^\.openclaw\.before-restore-\d{8}T\d{6}Z$/);
      assert.equal(await read(home, names[1] ?? "", "sessions"), "present\n");
      const kept = namesIn(workspaces).find((name) => name.startsWith("main.set-aside-"));
      assert.equal(await read(workspaces, String(kept), "notes.md"), "present\n");
      assert.equal(await start(), "", "another start changes nothing");
    });
  }
});

Deno.test("a restore with a deadline is installed until then, and ignored afterwards", async () => {
  const seconds = Math.floor(Date.now() / 1000);
  const deadlines: [until: string, installed: boolean][] = [
    [`${seconds + 600}\n`, true],
    [`${seconds - 1}\n`, false],
    ["", false],
    ["tomorrow\n", false],
  ];
  for (const [until, installed] of deadlines) {
    await withVolumes(async ({ home, workspaces, start }) => {
      await start();
      const state = join(home, ".openclaw");
      const paths = [join(state, "sessions"), join(workspaces, "main/notes.md")];
      for (const path of paths) await Deno.writeTextFile(path, "current\n");
      await Deno.mkdir(`${state}.restored`);
      await Deno.writeTextFile(`${state}.restored/sessions`, "restored\n");
      await Deno.writeTextFile(`${state}.restored/.openclaw-pack-until`, until);
      await Deno.mkdir(join(workspaces, ".restored"));
      await Deno.writeTextFile(join(workspaces, ".restored/notes.md"), "restored\n");
      const told = await start();
      assert.match(told, installed ? /the restored state is in place/ : /not finished in time and is ignored/);
      const expected = installed ? ["restored\n", "restored\n"] : ["current\n", "current\n"];
      assert.deepEqual(await Promise.all(paths.map((path) => read(path))), expected);
      await assert.rejects(Deno.stat(join(state, ".openclaw-pack-until")), Deno.errors.NotFound);
      // No later start finds it.
      assert.equal(await start(), "");
      assert.deepEqual(await Promise.all(paths.map((path) => read(path))), expected);
    });
  }
});

Deno.test("a lost state is restored too", async () => {
  await withVolumes(async ({ home, start }) => {
    await Deno.mkdir(join(home, ".openclaw.restored/sessions"), { recursive: true });
    await start();
    assert.deepEqual(statesIn(home), [".openclaw"]);
  });
});
