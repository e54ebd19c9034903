import assert from "node:assert/strict";
import { join } from "node:path";

const SCRIPTS = join(Deno.cwd(), "src/generate/openclaw");

/**
 * A fake of the programs that the script runs with node, so the tests cover only the scripts. An archive is the compressed file
 * `state`; one that contains "broken" cannot be restored.
 */
const NODE = `#!/bin/sh
case "$*" in
  "openclaw.mjs backup create --verify --no-include-workspace --output "*)
    gzip -c "$OPENCLAW_STATE_DIR/state" >"$7"
    [ ! -f "$OPENCLAW_STATE_DIR/unverifiable" ]
    ;;
  "openclaw.mjs backup restore "*" --target "*" --json")
    ! gzip -dc "$4" | grep -q broken || exit 1
    mkdir -p "$6/state"
    gzip -dc "$4" >"$6/state/state"
    ;;
  "openclaw.mjs sessions --all-agents --json") echo 2 ;;
  "-e "*) if [ $# = 3 ]; then echo "$3/state"; else cat; fi ;;
  *) exit 9 ;;
esac
`;

interface Volumes {
  readonly folder: string;
  readonly backups: string;
  readonly state: string;
  readonly workspaces: string;
  /** Runs backup.sh, and for \`create\` archive-workspace.sh next to it. */
  run(...args: string[]): Promise<{ success: boolean; stdout: string; stderr: string }>;
  /** Returns what is on the archives' volume, except the script's own files. */
  archives(): string[];
}

interface Setup {
  /** Programs that replace those on the PATH. */
  readonly tools?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the workspace's container runs. Default true. */
  readonly sidecar?: boolean;
}

async function volumes(use: (volumes: Volumes) => Promise<void>, { tools = {}, env = {}, sidecar = true }: Setup = {}) {
  const folder = await Deno.makeTempDir();
  const at = (...path: string[]) => join(folder, ...path);
  for (const made of ["home/.openclaw", "bin", "backups", "workspaces/main/skills"]) {
    await Deno.mkdir(at(made), { recursive: true });
  }
  await Deno.writeTextFile(at("home/.openclaw/state"), "conversations\n");
  await Deno.writeTextFile(at("workspaces/main/notes.md"), "notes\n");
  await Deno.writeTextFile(at("workspaces/main/SOUL.md"), "from Git\n");
  await Deno.writeTextFile(at("workspaces/main/skills/SKILL.md"), "from Git\n");
  for (const [name, text] of Object.entries({ node: NODE, ...tools })) {
    await Deno.writeTextFile(at("bin", name), text, { mode: 0o755 });
  }
  const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name);
  try {
    await use({
      folder,
      backups: at("backups"),
      state: at("home/.openclaw"),
      workspaces: at("workspaces"),
      run: async (...args) => {
        const exchange = await Deno.makeTempDir({ dir: folder });
        const options = {
          env: {
            PATH: `${at("bin")}:${Deno.env.get("PATH")}`,
            HOME: at("home"),
            BACKUP_DIR: at("backups"),
            OLD_BACKUP_DIR: at("home/backups"),
            WORKSPACES_DIR: at("workspaces"),
            GATEWAY_ENTRIES: "SOUL.md skills",
            EXCHANGE_DIR: exchange,
            KEEP: "3",
            OPENCLAW_STATE_DIR: at("home/.openclaw"),
            ...env,
          },
        };
        if (!sidecar) await Deno.writeTextFile(join(exchange, "ended"), "");
        const archiving = args[0] === "create" && sidecar
          ? new Deno.Command("sh", {
            args: [join(SCRIPTS, "archive-workspace.sh"), "SOUL.md", "skills"],
            stdout: "null",
            stderr: "null",
            ...options,
          }).spawn()
          : undefined;
        const { success, signal, stdout, stderr } = await new Deno.Command("sh", {
          args: [join(SCRIPTS, "backup.sh"), ...args],
          ...options,
        }).output();
        archiving?.kill("SIGTERM");
        assert.equal((await archiving?.status)?.code ?? 0, 0, "the workspace's container stops on request");
        const scratch = names(at("backups")).filter((name) => name.startsWith(".scratch"));
        if (signal === null) assert.deepEqual(scratch, [], "no scratch is left");
        const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        return { success, stdout: text(stdout), stderr: text(stderr) };
      },
      archives: () =>
        [...names(at("backups")), ...names(at("backups/good")).map((name) => `good/${name}`)].filter((name) =>
          !["good", ".lock", ".moved"].includes(name)
        ).toSorted(),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Archives of previous nights, oldest first. */
const EARLIER = ["20261101", "20261102", "20261103"].map((day) => `openclaw-${day}T181700Z.tar.gz`);
const workspaceOf = (name: string) => name.replace(/\.tar\.gz$/, ".workspace.tar.gz");

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Puts archives of the state in a folder. */
async function put(folder: string, names: readonly string[], text = "earlier\n"): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of names) await Deno.writeFile(join(folder, name), await gzip(text));
}

/** Returns the names of the archives of a run among those on the volume: the state's and the workspace's. */
function made(archives: readonly string[], besides: readonly string[] = []): string[] {
  return archives.filter((path) => !besides.some((name) => path.endsWith(name)));
}

const exists = (path: string) => Deno.lstat(path).then(() => true, () => false);

Deno.test("a night creates an archive of the state and one of the workspace, tests both, and only the gateway's user may read them", async () => {
  await volumes(async (volumes) => {
    const { success, stdout, stderr } = await volumes.run("create");
    assert.ok(success, stderr);
    const [state = "", workspace = "", ...more] = volumes.archives();
    assert.deepEqual(more, []);
    assert.match(state, /^good\/openclaw-\d{8}T\d{6}Z\.tar\.gz$/);
    assert.equal(workspace, workspaceOf(state));
    assert.match(stdout, /Z\.tar\.gz restores: 2 sessions\n/);
    assert.match(stdout, /Z\.workspace\.tar\.gz restores: 1 files, 0 folders, 0 links, 6 bytes\n/);
    for (const path of ["good", state, workspace]) {
      assert.equal((await Deno.stat(join(volumes.backups, path))).mode! & 0o077, 0, path);
    }
    const unpacked = await new Deno.Command("tar", { args: ["-tzf", join(volumes.backups, workspace)] }).output();
    assert.equal(new TextDecoder().decode(unpacked.stdout), "./notes.md\n", "files from Git are not archived");
    const { stdout: list } = await volumes.run("list");
    const size = async (path: string) => (await Deno.stat(join(volumes.backups, path))).size;
    assert.equal(list, `${state.slice(5)} ${await size(state)} good ${await size(workspace)}\n`);
  });
});

Deno.test("the newest good archives are kept, and nothing else is touched", async () => {
  await volumes(async (volumes) => {
    const good = join(volumes.backups, "good");
    await put(good, [...EARLIER, ...EARLIER.map(workspaceOf)]);
    const odd = [
      "notes.txt",
      "openclaw-29990101T000000Z.tar.gz",
      "openclaw-29990101T000000Z.workspace.tar.gz",
      "openclaw-2026.tar.gz",
      "openclaw-20261031T181700Z.tar.gz\n",
      "x\nopenclaw-20261031T181700Z.tar.gz",
      "openclaw-$(touch x).tar.gz",
    ];
    for (const folder of [volumes.backups, good]) await put(folder, odd);
    await Deno.mkdir(join(good, "openclaw-20261030T181700Z.tar.gz"));
    await Deno.symlink("/etc/passwd", join(good, "openclaw-20261029T181700Z.tar.gz"));
    const { success, stdout, stderr } = await volumes.run("create");
    assert.ok(success, stderr);
    assert.match(stdout, /openclaw-20261101T181700Z\.tar\.gz is deleted; the newest 3 are kept/);
    const kept = [
      ...odd,
      ...odd.map((name) => `good/${name}`),
      "good/openclaw-20261030T181700Z.tar.gz",
      "good/openclaw-20261029T181700Z.tar.gz",
      ...EARLIER.slice(1).flatMap((name) => [`good/${name}`, `good/${workspaceOf(name)}`]),
    ];
    assert.deepEqual(
      volumes.archives().filter((name) => !kept.includes(name)).length,
      2,
      volumes.archives().join("\n"),
    );
    assert.deepEqual(volumes.archives().filter((name) => kept.includes(name)), kept.toSorted());
    // A name is used only if it is one of the list.
    const list = (await volumes.run("list")).stdout.split("\n").map((line) => line.split(" ")[0]);
    assert.deepEqual(list.slice(1), [...EARLIER.slice(1).toReversed(), ""]);
    for (const name of [...odd, "openclaw-20261029T181700Z.tar.gz", "../good", "", "-e", ".*"]) {
      const { success, stderr } = await volumes.run("drill", name);
      assert.equal(success, false, name);
      assert.match(stderr, /^no archive /, name);
    }
  });
});

Deno.test("an archive that cannot be restored is not good, the night fails, and no good archive is ever dropped for it", async () => {
  await volumes(async (volumes) => {
    await put(join(volumes.backups, "good"), [EARLIER[0]!, workspaceOf(EARLIER[0]!)]);
    await Deno.writeTextFile(join(volumes.state, "state"), "broken\n");
    for (let night = 0; night < 4; night++) {
      const { success, stderr } = await volumes.run("create");
      assert.equal(success, false);
      assert.match(stderr, /could not be tested; it is kept, but it is not good/);
      // Each night has its own name.
      await new Promise((done) => setTimeout(done, 1000));
    }
    const first = [`good/${EARLIER[0]}`, `good/${workspaceOf(EARLIER[0]!)}`];
    assert.deepEqual(volumes.archives().filter((name) => first.includes(name)), first);
    // Untested archives do not pile up.
    assert.equal(volumes.archives().filter((name) => !name.startsWith("good/")).length, 3);
    const drill = await volumes.run("drill", "latest");
    assert.match(drill.stdout, /^openclaw-.* is newer, but no restore test has succeeded with it/);
    assert.match(drill.stdout, new RegExp(`\n${EARLIER[0]} restores`));
  });
});

Deno.test("an archive that fails verification is discarded, no other is deleted, and the night fails", async () => {
  await volumes(async (volumes) => {
    const good = EARLIER.map((name) => `good/${name}`);
    await put(join(volumes.backups, "good"), EARLIER);
    await Deno.writeTextFile(join(volumes.state, "unverifiable"), "");
    const { success, stderr } = await volumes.run("create");
    assert.equal(success, false);
    assert.match(stderr, /the state could not be archived\n$/);
    assert.deepEqual(volumes.archives(), good);
  });
});

Deno.test("without the workspace the state is archived all the same, the night fails, and the last complete night stays", async () => {
  await volumes(async (volumes) => {
    const good = join(volumes.backups, "good");
    await put(good, [...EARLIER, workspaceOf(EARLIER[0]!)]);
    const { success, stderr } = await volumes.run("create");
    assert.equal(success, false);
    assert.match(stderr, /the workspace could not be archived; openclaw-\S+Z\.tar\.gz contains the state only\n$/);
    // Without the rule, the oldest would go.
    const kept = [EARLIER[0]!, workspaceOf(EARLIER[0]!), EARLIER[1]!, EARLIER[2]!].map((name) => `good/${name}`);
    assert.deepEqual(volumes.archives().slice(0, 4), kept);
    assert.equal(made(volumes.archives(), kept).length, 1);
    assert.match((await volumes.run("list")).stdout, /^\S+ \d+ good -\n/);
  }, { sidecar: false });
});

Deno.test("a workspace that could only be read in part is not archived", async () => {
  const when = (pattern: string, program: string, failure: string) =>
    `#!/bin/sh\ncase "$*" in *${pattern}*) ${failure} ;; esac\nexec "$(PATH=/usr/bin:/bin command -v ${program})" "$@"\n`;
  const broken: Record<string, string> = {
    tar: when("--create", "tar", "cat >/dev/null; exit 2"),
    // Some names never reach tar.
    perl: "#!/bin/sh\ncat >/dev/null\nexit 1\n",
    find: when("-ignore_readdir_race", "find", "echo 'find: disk: Input/output error' >&2; exit 1"),
  };
  for (const [program, text] of Object.entries(broken)) {
    await volumes(async (volumes) => {
      const { success, stderr } = await volumes.run("create");
      assert.equal(success, false, program);
      assert.match(stderr, /the workspace could not be read completely\n/, program);
      const [state = "", ...more] = volumes.archives();
      assert.match(state, /^good\/openclaw-\w+\.tar\.gz$/);
      assert.deepEqual(more, []);
    }, { tools: { [program]: text } });
  }
});

Deno.test("with a copy to S3, the run fails only after the copy", async () => {
  const folder = await Deno.makeTempDir();
  await volumes(async (volumes) => {
    assert.ok((await volumes.run("report")).success);
    assert.ok((await volumes.run("create")).success);
    const report = await volumes.run("report");
    assert.equal(report.success, false);
    assert.match(report.stdout, /^the workspace could not be archived; /);
  }, { sidecar: false, env: { FAILURES: join(folder, "failures") } });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("without room no archive is created, and without room for a restore test it is kept, but not good", async () => {
  const df = (free: string) =>
    `#!/bin/sh\nprintf 'Filesystem 1024-blocks Used Available\\n/dev/x 100 99 ${free} 99%% /\\n'\n`;
  await volumes(async (volumes) => {
    await put(join(volumes.backups, "good"), EARLIER);
    const { success, stderr } = await volumes.run("create");
    assert.equal(success, false);
    assert.match(stderr, /^no room for another archive: .*lower backup\.keep or raise backup\.storageSize/);
    assert.deepEqual(volumes.archives(), EARLIER.map((name) => `good/${name}`));
  }, { tools: { df: df("0") } });
  // Room for the archive, which is asked for first.
  await volumes(async (volumes) => {
    const { success, stderr } = await volumes.run("create");
    assert.equal(success, false);
    assert.match(stderr, /no room for a restore test of openclaw-\S+Z\.tar\.gz: .*raise backup\.storageSize/);
    assert.match((await volumes.run("list")).stdout, /^\S+ \d+ untested /);
  }, {
    tools: {
      df: '#!/bin/sh\n[ -f "$TMPDIR/asked" ] && free=-1 || free=1000000\n: >"$TMPDIR/asked"\n' +
        "printf 'Filesystem 1024-blocks Used Available\\n/dev/x 100 99 %s 99%% /\\n' \"$free\"\n",
    },
  });
});

Deno.test("archives of an older deployment are moved once, the newest is tested, and what the gateway plants there later is not", async () => {
  await volumes(async (volumes) => {
    const old = join(volumes.folder, "home/backups");
    await put(old, EARLIER);
    await put(old, ["openclaw-29990101T000000Z.tar.gz", "notes.txt"]);
    await new Deno.Command("mkfifo", { args: [join(old, "openclaw-20261104T181700Z.tar.gz")] }).output();
    await Deno.symlink("/etc/passwd", join(old, "openclaw-20261105T181700Z.tar.gz"));
    // An earlier run was killed before it deleted this one.
    await put(volumes.backups, [EARLIER[0]!]);
    const { success, stderr } = await volumes.run("create");
    assert.ok(success, stderr);
    const names = volumes.archives();
    assert.deepEqual(names.filter((name) => EARLIER.some((one) => name.endsWith(one))), [
      `good/${EARLIER[2]}`,
      EARLIER[0],
      EARLIER[1],
    ]);
    assert.equal(names.length, 5);
    assert.equal([...Deno.readDirSync(old)].length, 4);
    await put(old, ["openclaw-20261106T181700Z.tar.gz"]);
    assert.ok((await volumes.run("create")).success);
    assert.ok(!volumes.archives().some((name) => name.includes("20261106")));
  });
});

Deno.test("a second backup or restore at the same time is refused, and what a killed one left is deleted", async () => {
  await volumes(async (volumes) => {
    await Deno.mkdir(join(volumes.backups, ".scratch.old/locked"), { recursive: true });
    await Deno.chmod(join(volumes.backups, ".scratch.old/locked"), 0);
    const lock = new Deno.Command("flock", {
      args: ["--no-fork", join(volumes.backups, ".lock"), "sh", "-c", "echo; exec sleep 100"],
      stdout: "piped",
    }).spawn();
    const reader = lock.stdout.getReader();
    await reader.read();
    for (const args of [["create"], ["drill", "latest"], ["cancel"]]) {
      // The other one's files stay.
      const { stderr } = await new Deno.Command("sh", {
        args: [join(SCRIPTS, "backup.sh"), ...args],
        env: {
          BACKUP_DIR: volumes.backups,
          OPENCLAW_STATE_DIR: volumes.state,
          WORKSPACES_DIR: volumes.workspaces,
        },
      }).output();
      assert.match(
        new TextDecoder().decode(stderr),
        /^a backup or a restore is running; try again when it has ended\n/,
      );
    }
    assert.ok(await exists(join(volumes.backups, ".scratch.old")));
    lock.kill();
    await lock.status;
    await reader.cancel();
    // It checks that no scratch is left.
    assert.ok((await volumes.run("create")).success);
  });
});

Deno.test("without a state there is no backup", async () => {
  await volumes(async (volumes) => {
    await put(join(volumes.backups, "good"), EARLIER);
    await Deno.remove(volumes.state, { recursive: true });
    const { success, stderr } = await volumes.run("create");
    assert.equal(success, false);
    assert.match(stderr, /no state to back up/);
    assert.deepEqual(volumes.archives(), EARLIER.map((name) => `good/${name}`));
  });
});

Deno.test("a missing archive is reported with the existing ones", async () => {
  await volumes(async (volumes) => {
    assert.match((await volumes.run("drill", "latest")).stderr, /^no archive latest; expected one of: /);
    await put(join(volumes.backups, "good"), EARLIER);
    for (const args of [["drill", "openclaw-x.tar.gz"], ["prepare", "openclaw-x.tar.gz"]]) {
      const { success, stderr } = await volumes.run(...args);
      assert.equal(success, false);
      assert.match(stderr, /no archive openclaw-x\.tar\.gz; expected one of: openclaw-20261103/);
    }
  });
});

Deno.test("a restore brings back both, the state last, and without what comes from Git", async () => {
  await volumes(async (volumes) => {
    assert.ok((await volumes.run("create")).success);
    const { success, stderr, stdout } = await volumes.run("prepare", "latest", "10");
    assert.ok(success, stderr);
    assert.match(stdout, /Z\.tar\.gz is ready; a start of the gateway within 10 min installs it\n$/);
    const restored = `${volumes.state}.restored`;
    assert.equal(await Deno.readTextFile(join(restored, "state")), "conversations\n");
    assert.match(await Deno.readTextFile(join(restored, ".openclaw-pack-until")), /^\d{10}\n$/);
    const workspace = join(volumes.workspaces, ".restored");
    assert.deepEqual([...Deno.readDirSync(workspace)].map(({ name }) => name), ["notes.md"]);
    // An archive of another origin may contain what comes from Git.
    const archived = new Deno.Command("tar", {
      args: ["-C", join(volumes.workspaces, "main"), "-czf", join(volumes.backups, workspaceOf(EARLIER[1]!)), "."],
    });
    assert.ok((await archived.output()).success);
    await put(volumes.backups, [EARLIER[1]!]);
    assert.ok((await volumes.run("drill", EARLIER[1]!)).success);
    assert.ok((await volumes.run("prepare", EARLIER[1]!)).success);
    assert.deepEqual([...Deno.readDirSync(workspace)].map(({ name }) => name), ["notes.md"]);
    // An archive without a workspace disarms the earlier restore's.
    await put(join(volumes.backups, "good"), EARLIER);
    const old = await volumes.run("prepare", EARLIER[0]!);
    assert.match(old.stdout, /has no archive of the workspace/);
    assert.equal(await exists(workspace), false);
    assert.equal(await Deno.readTextFile(join(restored, "state")), "earlier\n");
    for (const path of [`${volumes.state}.restoring`, join(volumes.workspaces, ".restoring")]) {
      assert.equal(await exists(path), false, path);
    }
  });
});

/** Kills the script at one of its renames, before or after it. */
const KILLING_MV = `#!/bin/sh
count=$(($(cat "$RENAMES" 2>/dev/null || echo 0) + 1))
echo "$count" >"$RENAMES"
if [ "$count $WHEN" = "$KILL_AT before" ]; then exec kill -KILL "$PPID"; fi
/bin/mv "$@"
[ "$count $WHEN" != "$KILL_AT after" ] || kill -KILL "$PPID"
`;

Deno.test("wherever a restore is killed, nothing is lost, half a restore is never armed, and the next one succeeds", async () => {
  const armed: string[] = [];
  for (const at of [1, 2, 3]) {
    for (const when of ["before", "after"]) {
      const env = { KILL_AT: "0", WHEN: when, RENAMES: "/dev/null" };
      await volumes(async (volumes) => {
        const { state, workspaces } = volumes;
        assert.ok((await volumes.run("create")).success);
        // An earlier restore is pending.
        for (const path of [`${state}.restored`, join(workspaces, ".restored")]) await Deno.mkdir(path);
        await Deno.writeTextFile(join(`${state}.restored`, "state"), "pending\n");
        await Deno.writeTextFile(join(workspaces, ".restored/pending.md"), "");
        Object.assign(env, { KILL_AT: String(at), RENAMES: join(volumes.folder, "renames") });
        assert.equal((await volumes.run("prepare", "latest", "10")).success, false);
        assert.equal(await Deno.readTextFile(join(state, "state")), "conversations\n");
        assert.equal(await Deno.readTextFile(join(workspaces, "main/notes.md")), "notes\n");
        const pending = await Deno.readTextFile(join(`${state}.restored`, "state")).catch(() => "nothing");
        armed.push(pending.trim());
        if (pending !== "nothing") {
          const files = [...Deno.readDirSync(join(workspaces, ".restored"))].map(({ name }) => name);
          assert.deepEqual(files, [pending === "pending\n" ? "pending.md" : "notes.md"]);
        }
        Object.assign(env, { KILL_AT: "0" });
        const next = await volumes.run("prepare", "latest", "10");
        assert.ok(next.success, next.stderr);
        assert.equal(await Deno.readTextFile(join(`${state}.restored`, "state")), "conversations\n");
        assert.ok(await exists(join(workspaces, ".restored/notes.md")));
        assert.ok(await exists(join(`${state}.restored`, ".openclaw-pack-until")));
      }, { tools: { mv: KILLING_MV }, env });
    }
  }
  assert.deepEqual(armed, ["pending", ...Array(4).fill("nothing"), "conversations"]);
});

Deno.test("a workspace's archive with a path outside, or one that tar cannot read, is refused, and nothing is armed", async () => {
  await volumes(async (volumes) => {
    const good = join(volumes.backups, "good");
    await put(good, [EARLIER[0]!]);
    const archive = join(good, workspaceOf(EARLIER[0]!));
    for (
      const [path, message] of [["../outside", /leaves the workspace/], [
        "/tmp/outside",
        /leaves the workspace/,
      ]] as const
    ) {
      await Deno.writeTextFile(join(volumes.folder, "outside"), "x");
      await new Deno.Command("tar", {
        args: ["-czPf", archive, `--transform=s|.*|${path}|`, join(volumes.folder, "outside")],
      }).output();
      const { success, stderr } = await volumes.run("prepare", EARLIER[0]!);
      assert.equal(success, false);
      assert.match(stderr, message);
    }
    await Deno.writeTextFile(archive, "no archive");
    assert.equal((await volumes.run("prepare", EARLIER[0]!)).success, false);
    for (const path of [`${volumes.state}.restored`, join(volumes.workspaces, ".restored")]) {
      assert.equal(await exists(path), false, path);
    }
    assert.equal(await exists(join(volumes.workspaces, ".restoring")), false);
  });
});

Deno.test("a pending restore is cancelled, once, with its workspace", async () => {
  await volumes(async (volumes) => {
    // As a start leaves it that was killed between its renames.
    for (const path of [`${volumes.state}.restored`, join(volumes.workspaces, ".incoming")]) await Deno.mkdir(path);
    const first = await volumes.run("cancel");
    assert.deepEqual([first.success, first.stdout], [
      true,
      "the pending restore is cancelled; the state was not changed\n",
    ]);
    for (const path of [`${volumes.state}.restored`, `${volumes.state}.restoring`]) {
      assert.equal(await exists(path), false, path);
    }
    assert.deepEqual([...Deno.readDirSync(volumes.workspaces)].map(({ name }) => name), ["main"]);
    assert.equal(await Deno.readTextFile(join(volumes.state, "state")), "conversations\n");
    assert.equal((await volumes.run("cancel")).stdout, "no restore is pending\n");
  });
});

Deno.test("the next backup deletes what late and killed restores left, but no pending one", async () => {
  await volumes(async (volumes) => {
    const { state, workspaces, folder } = volumes;
    const left = [
      `${state}.restoring`,
      `${state}.late-restore-20261126T120000Z`,
      join(workspaces, ".restoring"),
      join(workspaces, ".late-restore-20261126T120000Z"),
    ];
    const pending = [`${state}.restored`, join(workspaces, ".restored")];
    for (const path of [...left, ...pending]) await Deno.mkdir(path);
    await Deno.chmod(left[3]!, 0);
    assert.ok((await volumes.run("create")).success);
    for (const path of left) assert.equal(await exists(path), false, path);
    for (const path of pending) assert.equal(await exists(path), true, path);
    // Killed before it was armed.
    await Deno.remove(pending[0]!);
    // The old workspace goes only with a good archive of the new one.
    const moved = join(folder, "home/.workspace-moved-20261126T120000Z");
    await Deno.mkdir(moved);
    await Deno.rename(join(workspaces, "main"), join(workspaces, "away"));
    assert.equal((await volumes.run("create")).success, false);
    assert.deepEqual([await exists(pending[1]!), await exists(moved)], [false, true]);
    await Deno.rename(join(workspaces, "away"), join(workspaces, "main"));
    assert.ok((await volumes.run("create")).success);
    assert.equal(await exists(moved), false);
  });
});
