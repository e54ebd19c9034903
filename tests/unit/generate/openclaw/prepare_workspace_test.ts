import assert from "node:assert/strict";
import { join } from "node:path";
import { BLOCKED, namesIn, read, setAside, type Volumes, withVolumes } from "./volumes.ts";

const FROM_GIT = [...BLOCKED, ".openclaw", "SOUL.md", "inbox", "skills"].toSorted();

/** Runs a shell command in a folder. */
async function sh(folder: string, command: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", { args: ["-euc", command], cwd: folder }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** Asserts that the workspace has the files from Git, and nothing in their place. */
async function assertFromGit(workspaces: string): Promise<void> {
  const workspace = join(workspaces, "main");
  assert.equal(await read(workspace, "SOUL.md"), "rules\n");
  assert.ok((await Deno.lstat(join(workspace, "SOUL.md"))).isFile);
  // adopt-workspace.sh gives every other name to the sandbox's user, and the file of such a second name with it.
  for (const name of ["SOUL.md", "skills/codex-review/SKILL.md", ...BLOCKED]) {
    assert.equal((await Deno.lstat(join(workspace, name))).nlink, 1, name);
  }
  for (const name of ["SOUL.md", "skills", "skills/codex-review/SKILL.md", ".openclaw", "inbox"]) {
    assert.equal((await Deno.stat(join(workspace, name))).mode! & 0o022, 0, name);
  }
  assert.deepEqual(namesIn(join(workspace, "skills")), ["codex-review"]);
  assert.equal(await read(workspace, "skills/codex-review/SKILL.md"), "skill\n");
  assert.ok((await Deno.lstat(join(workspace, ".openclaw/sandbox-skills/skills"))).isDirectory);
  for (const name of BLOCKED) await assert.rejects(Deno.stat(join(workspace, name)), Deno.errors.NotFound);
  for (const name of BLOCKED) assert.ok((await Deno.lstat(join(workspace, name))).isSymlink);
}

Deno.test("an empty volume receives the files from Git, readable by the sandbox", async () => {
  await withVolumes(async ({ workspaces, start }) => {
    assert.equal(await start(), "");
    await assertFromGit(workspaces);
    const workspace = join(workspaces, "main");
    assert.deepEqual(namesIn(workspace), FROM_GIT);
    // Sticky: another user can create files, but not replace these.
    assert.equal((await Deno.stat(workspace)).mode! & 0o7777, 0o1777);
    assert.equal((await Deno.stat(join(workspace, "SOUL.md"))).mode! & 0o777, 0o644);
    assert.equal((await Deno.stat(join(workspace, "skills"))).mode! & 0o777, 0o755);
    assert.equal(namesIn(join(workspaces, ".reserve")).length, 65);
    assert.equal(await start(), "", "another start changes nothing");
  });
});

Deno.test("a start writes only what differs, and a change in Git is not an edit", async () => {
  await withVolumes(async ({ workspaces, source, start }) => {
    await start();
    const paths = ["SOUL.md", "skills", "AGENTS.md"].map((name) => join(workspaces, "main", name));
    const inodes = () => Promise.all(paths.map(async (path) => (await Deno.lstat(path)).ino));
    const before = await inodes();
    await start();
    assert.deepEqual(await inodes(), before);
    await Deno.writeTextFile(source("files", "SOUL.md"), "new rules\n");
    await Deno.writeTextFile(source("files", "skills/codex-review/SKILL.md"), "new skill\n");
    assert.equal(await start(), "");
    assert.deepEqual((await inodes()).map((inode, index) => inode === before[index]), [false, false, true]);
    assert.equal(await read(workspaces, "main/SOUL.md"), "new rules\n");
    assert.equal(await read(workspaces, "main/skills/codex-review/SKILL.md"), "new skill\n");
    assert.deepEqual(namesIn(join(workspaces, "main")), FROM_GIT);
  });
});

Deno.test("an edit is undone and kept, and the agent's own files stay", async () => {
  await withVolumes(async ({ workspaces, start }) => {
    await start();
    const workspace = join(workspaces, "main");
    await Deno.writeTextFile(join(workspace, "SOUL.md"), "do as you like\n");
    await Deno.writeTextFile(join(workspace, "skills/codex-review/run.sh"), "planted\n");
    await Deno.writeTextFile(join(workspace, "MEMORY.md"), "mine\n");
    assert.match(await start(), /SOUL\.md does not come from Git; it is kept as SOUL\.md\.set-aside-/);
    await assertFromGit(workspaces);
    assert.equal(await read(workspace, "MEMORY.md"), "mine\n");
    assert.deepEqual(await setAside(workspace), ["do as you like\n", "skills"]);
    assert.equal(await start(), "", "another start changes nothing");
  });
});

/** A workspace that an attacker has prepared: a command in it, or beside it. */
const HOSTILE: Record<string, string> = {
  "SOUL.md is a pipe": "rm main/SOUL.md; mkfifo main/SOUL.md",
  "SOUL.md is a link": "rm main/SOUL.md; ln -s /etc/passwd main/SOUL.md",
  "SOUL.md, a skill and a link have second names":
    "cd main; ln SOUL.md soul; ln skills/codex-review/SKILL.md skill; ln -P AGENTS.md agents",
  "SOUL.md is a folder": "rm main/SOUL.md; mkdir -p main/SOUL.md/deep",
  "SOUL.md and the skills can be written by anyone": "chmod -R 777 main/SOUL.md main/skills",
  "SOUL.md is 1 TB": "truncate --size 1T main/SOUL.md",
  "SOUL.md cannot be read": "echo other >main/SOUL.md; chmod 0 main/SOUL.md",
  "a pipe among the skills": "mkfifo main/skills/codex-review/pipe",
  "a skill is a pipe": "rm main/skills/codex-review/SKILL.md; mkfifo main/skills/codex-review/SKILL.md",
  "the skills are a link": "rm -r main/skills; ln -s / main/skills",
  "the skills cannot be read": "chmod 0 main/skills",
  "20,000 skills": "cd main/skills; seq 20000 | xargs touch",
  "a skill named with a newline": "touch 'main/skills/a\nb'",
  "a skill that is not UTF-8": "touch \"$(printf 'main/skills/\\377')\"",
  "a prompt file": "rm main/AGENTS.md; echo obey >main/AGENTS.md",
  "a prompt file that is a pipe": "rm main/AGENTS.md; mkfifo main/AGENTS.md",
  "OpenClaw's folder is a link": "rm -r main/.openclaw; ln -s / main/.openclaw",
  "OpenClaw's folder is a pipe": "rm -r main/.openclaw; mkfifo main/.openclaw",
  "OpenClaw's old setup":
    "echo '{}' >main/openclaw-workspace-state.json; echo '{}' >main/.openclaw/workspace-state.json",
  "the workspace is a link": "rm -r main; ln -s / main",
  "the workspace is a pipe": "rm -r main; mkfifo main",
  "the record of the last start is a pipe": "rm -r .installed; mkfifo .installed; echo other >main/SOUL.md",
  "the reserve is a pipe": "rm -r .reserve; mkfifo .reserve",
  "the restored workspace is a link": "ln -s / .incoming",
};

for (const [name, command] of Object.entries(HOSTILE)) {
  Deno.test(`hostile workspace: ${name}`, async () => {
    await withVolumes(async ({ workspaces, start }) => {
      await start();
      await sh(workspaces, command);
      await start();
      await assertFromGit(workspaces);
      const workspace = join(workspaces, "main");
      for (const legacy of ["openclaw-workspace-state.json", ".openclaw/workspace-state.json"]) {
        await assert.rejects(Deno.lstat(join(workspace, legacy)), Deno.errors.NotFound);
      }
    });
  });
}

/** Puts the workspace of an older deployment into the state. */
async function plantOld({ home }: Volumes, command = "true"): Promise<string> {
  const old = join(home, ".openclaw/workspace");
  await Deno.mkdir(join(old, "repo"), { recursive: true });
  await Deno.writeTextFile(join(old, "repo/notes.md"), "mine\n");
  await Deno.writeTextFile(join(old, "SOUL.md"), "rules\n");
  await sh(old, command);
  return old;
}

Deno.test("the workspace of an older deployment moves over once, and its old files are kept for the backup", async () => {
  await withVolumes(async (volumes) => {
    const { home, workspaces, start } = volumes;
    const old = await plantOld(volumes, "ln -s /etc link; mkfifo pipe; chmod 0 repo; truncate --size 1T sparse");
    assert.match(await start(), /moving the workspace of an older deployment/);
    await assertFromGit(workspaces);
    assert.equal(await read(workspaces, "main/repo/notes.md"), "mine\n");
    assert.equal(await Deno.readLink(join(workspaces, "main/link")), "/etc");
    assert.equal((await Deno.stat(join(workspaces, "main/sparse"))).blocks, 0);
    await assert.rejects(Deno.lstat(old), Deno.errors.NotFound);
    const [kept = ""] = namesIn(home).filter((name) => name.startsWith(".workspace-moved-"));
    assert.equal(await read(home, kept, "repo/notes.md"), "mine\n");
    assert.equal(await start(), "", "another start changes nothing");
  });
});

Deno.test("a workspace that is too large for its volume stays where it is, and the next start moves it", async () => {
  await withVolumes(async (volumes) => {
    await plantOld(volumes);
    const bin = join(volumes.home, "bin");
    await Deno.mkdir(bin);
    await Deno.writeTextFile(join(bin, "du"), "#!/bin/sh\necho 999999999\n", { mode: 0o755 });
    const path = Deno.env.get("PATH") ?? "";
    assert.match(
      await volumes.start({ PATH: `${bin}:${path}` }),
      /takes 999999999 MiB, .* raise cluster\.workspaceSize/,
    );
    await assertFromGit(volumes.workspaces);
    assert.equal(await read(volumes.home, ".workspace-moving/repo/notes.md"), "mine\n");
    await volumes.start();
    assert.equal(await read(volumes.workspaces, "main/repo/notes.md"), "mine\n");
  });
});

Deno.test("a move that was killed at any point goes on at the next start", async () => {
  const killed: Record<string, (volumes: Volumes) => Promise<void>> = {
    "before it began": async () => {},
    "while it copied": async ({ home, workspaces }) => {
      await Deno.rename(join(home, ".openclaw/workspace"), join(home, ".workspace-moving"));
      await Deno.mkdir(join(workspaces, ".moving/repo"), { recursive: true });
      await Deno.writeTextFile(join(workspaces, ".moving/repo/notes.md"), "mi");
    },
    "before the old files were renamed": async ({ home, workspaces }) => {
      await Deno.rename(join(home, ".openclaw/workspace"), join(home, ".workspace-moving"));
      await sh(workspaces, `cp -a ${join(home, ".workspace-moving")} main`);
    },
  };
  for (const [name, kill] of Object.entries(killed)) {
    await withVolumes(async (volumes) => {
      await plantOld(volumes);
      await kill(volumes);
      await volumes.start();
      assert.equal(await read(volumes.workspaces, "main/repo/notes.md"), "mine\n", name);
      assert.equal(await volumes.start(), "", name);
    });
  }
});

Deno.test("a workspace that an older version has written later moves over too, and the newer one is kept", async () => {
  await withVolumes(async (volumes) => {
    const { workspaces, start } = volumes;
    await start();
    await Deno.writeTextFile(join(workspaces, "main/draft.md"), "before the rollback\n");
    await plantOld(volumes);
    await start();
    assert.equal(await read(workspaces, "main/repo/notes.md"), "mine\n");
    const kept = namesIn(workspaces).find((name) => name.startsWith("main.set-aside-"));
    assert.equal(await read(workspaces, String(kept), "draft.md"), "before the rollback\n");
  });
});

Deno.test("a path that is too long to copy is named, and the old workspace stays", async () => {
  await withVolumes(async (volumes) => {
    // No program can create a path of this length at once.
    const half = Array(10).fill("d".repeat(250)).join("/");
    await plantOld(volumes, `mkdir -p ${half} other/${half}; echo deep >other/${half}/file; mv other ${half}/other`);
    assert.match(await volumes.start(), /not everything could be moved, .*stays as .*\.workspace-left-.*too long/s);
    assert.equal(await read(volumes.workspaces, "main/repo/notes.md"), "mine\n");
    assert.equal(await volumes.start(), "");
    assert.equal(namesIn(volumes.home).filter((name) => name.startsWith(".workspace-left-")).length, 1);
  });
});
