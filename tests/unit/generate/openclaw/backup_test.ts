import assert from "node:assert/strict";
import { join } from "node:path";

const SCRIPT = join(Deno.cwd(), "src/generate/openclaw/backup.sh");

/** A fake of `node openclaw.mjs backup create --verify --output FILE`, so the tests cover only the script. */
const NODE = `#!/bin/sh
[ "$*" = "openclaw.mjs backup create --verify --output $6" ] || exit 9
echo "made of $(cat "$OPENCLAW_STATE_DIR/state")" >"$6"
[ ! -f "$OPENCLAW_STATE_DIR/unverifiable" ]
`;

interface Volume {
  readonly backups: string;
  readonly state: string;
  run(...args: string[]): Promise<{ success: boolean; stdout: string; stderr: string }>;
  archives(): string[];
}

async function volume(use: (volume: Volume) => Promise<void>, tools: Readonly<Record<string, string>> = {}) {
  const folder = await Deno.makeTempDir();
  const [backups, state] = [join(folder, "backups"), join(folder, ".openclaw")];
  for (const made of [state, join(folder, "bin"), join(folder, "tmp")]) await Deno.mkdir(made);
  await Deno.writeTextFile(join(state, "state"), "conversations\n");
  for (const [name, text] of Object.entries({ node: NODE, ...tools })) {
    await Deno.writeTextFile(join(folder, "bin", name), text, { mode: 0o755 });
  }
  try {
    await use({
      backups,
      state,
      run: async (...args) => {
        const { success, stdout, stderr } = await new Deno.Command("sh", {
          args: [SCRIPT, ...args],
          env: {
            PATH: `${join(folder, "bin")}:${Deno.env.get("PATH")}`,
            BACKUP_DIR: backups,
            KEEP: "3",
            OPENCLAW_STATE_DIR: state,
            TMPDIR: join(folder, "tmp"),
          },
        }).output();
        assert.deepEqual([...Deno.readDirSync(join(folder, "tmp"))], [], "the temporary folder is empty");
        const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        return { success, stdout: text(stdout), stderr: text(stderr) };
      },
      archives: () => [...Deno.readDirSync(backups)].map(({ name }) => name).toSorted(),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Archives of previous nights, oldest first. */
const EARLIER = ["20261101", "20261102", "20261103"].map((day) => `openclaw-${day}T181700Z.tar.gz`);

async function earlier({ backups }: Volume): Promise<void> {
  await Deno.mkdir(backups);
  for (const name of EARLIER) await Deno.writeTextFile(join(backups, name), name);
}

Deno.test("the first backup creates its folder, accessible only to the gateway's user", async () => {
  await volume(async (volume) => {
    const { success, stdout, stderr } = await volume.run("create");
    assert.ok(success, stderr);
    const [name = "", ...more] = volume.archives();
    assert.deepEqual(more, []);
    assert.match(name, /^openclaw-\d{8}T\d{6}Z\.tar\.gz$/);
    assert.match(stdout, new RegExp(`^${name} is created and verified`));
    assert.equal(await Deno.readTextFile(join(volume.backups, name)), "made of conversations\n");
    for (const path of [volume.backups, join(volume.backups, name)]) {
      assert.equal((await Deno.stat(path)).mode! & 0o077, 0, path);
    }
  });
});

Deno.test("the newest archives are kept, and other files are not touched", async () => {
  await volume(async (volume) => {
    await earlier(volume);
    await Deno.writeTextFile(join(volume.backups, "notes.txt"), "mine");
    const { stdout } = await volume.run("create");
    assert.match(stdout, /openclaw-20261101T181700Z\.tar\.gz is deleted; the newest 3 are kept/);
    const [made] = volume.archives().filter((name) => name.startsWith("openclaw-") && !EARLIER.includes(name));
    assert.deepEqual(volume.archives(), ["notes.txt", ...EARLIER.slice(1), made].toSorted());
  });
});

Deno.test("an archive that fails verification is discarded, and no other is deleted", async () => {
  await volume(async (volume) => {
    await earlier(volume);
    await Deno.writeTextFile(join(volume.state, "unverifiable"), "");
    assert.equal((await volume.run("create")).success, false);
    assert.deepEqual(volume.archives(), EARLIER);
  });
});

Deno.test("files of a killed backup are deleted once they are old, and never count as an archive", async () => {
  await volume(async (volume) => {
    await earlier(volume);
    for (const name of [".making.old", ".making.new"]) {
      await Deno.mkdir(join(volume.backups, name));
      await Deno.writeTextFile(join(volume.backups, name, "openclaw-20261104T181700Z.tar.gz"), "half");
    }
    const hours = new Date(Date.now() - 2 * 3600_000);
    await Deno.utime(join(volume.backups, ".making.old"), hours, hours);
    assert.doesNotMatch((await volume.run("list")).stdout, /20261104/);
    assert.ok((await volume.run("create")).success);
    assert.deepEqual(volume.archives().filter((name) => name.startsWith(".")), [".making.new"]);
  });
});

Deno.test("on a full volume no archive is created and none is deleted", async () => {
  const df = "#!/bin/sh\nprintf 'Filesystem 1024-blocks Used Available\\n/dev/x 100 99 1 99%% /\\n'\n";
  await volume(async (volume) => {
    await earlier(volume);
    const { success, stderr } = await volume.run("create");
    assert.equal(success, false);
    assert.match(stderr, /no room on the state volume for another archive.*lower backup\.keep/);
    assert.deepEqual(volume.archives(), EARLIER);
  }, { df: df.replace("99 1 99", "99 0 99") });
});

Deno.test("without a state there is no backup", async () => {
  await volume(async (volume) => {
    await earlier(volume);
    await Deno.remove(volume.state, { recursive: true });
    assert.equal((await volume.run("create")).success, false);
    assert.deepEqual(volume.archives(), EARLIER);
  });
});

Deno.test("the list starts with the newest archive and shows sizes", async () => {
  await volume(async (volume) => {
    assert.equal((await volume.run("list")).stdout, "");
    await Deno.remove(volume.backups, { recursive: true });
    await earlier(volume);
    assert.equal(
      (await volume.run("list")).stdout,
      EARLIER.toReversed().map((name) => `${name} ${name.length}\n`).join(""),
    );
  });
});

Deno.test("a missing archive is reported with the existing ones", async () => {
  await volume(async (volume) => {
    await earlier(volume);
    for (const args of [["drill", "openclaw-x.tar.gz"], ["prepare", "openclaw-x.tar.gz"]]) {
      const { success, stderr } = await volume.run(...args);
      assert.equal(success, false);
      assert.match(stderr, /no archive openclaw-x\.tar\.gz on the state volume; expected one of: openclaw-20261103/);
    }
  });
  await volume(async (volume) => {
    assert.match((await volume.run("drill", "latest")).stderr, /no archive latest/);
  });
});

Deno.test("a pending restore is cancelled, once", async () => {
  await volume(async (volume) => {
    await Deno.mkdir(`${volume.state}.restored`);
    const first = await volume.run("cancel");
    assert.deepEqual([first.success, first.stdout], [
      true,
      "the pending restore is cancelled; the state was not changed\n",
    ]);
    for (const suffix of [".restored", ".restoring"]) {
      await assert.rejects(Deno.stat(volume.state + suffix), Deno.errors.NotFound);
    }
    assert.equal(await Deno.readTextFile(join(volume.state, "state")), "conversations\n");
    assert.equal((await volume.run("cancel")).stdout, "no restore is pending\n");
  });
});

Deno.test("the next backup deletes what a late restore left", async () => {
  await volume(async (volume) => {
    await Deno.mkdir(`${volume.state}.restoring`);
    await Deno.mkdir(`${volume.state}.late-restore-20261126T120000Z`);
    // A restore may be running.
    assert.ok((await volume.run("create")).success);
    await assert.rejects(Deno.stat(`${volume.state}.late-restore-20261126T120000Z`), Deno.errors.NotFound);
    assert.ok((await Deno.stat(`${volume.state}.restoring`)).isDirectory);
    const earlier = new Date(Date.now() - 2 * 3600 * 1000);
    await Deno.utime(`${volume.state}.restoring`, earlier, earlier);
    assert.ok((await volume.run("create")).success);
    await assert.rejects(Deno.stat(`${volume.state}.restoring`), Deno.errors.NotFound);
  });
});
