/**
 * Runs the script that exchanges commits with GitHub in the generated gateway's container, as a person approves it, with the real
 * git and gh, a stub of GitHub and a hostile workspace; and plain git in a repository that the sandbox prepared.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES } from "../../src/tables/pins.ts";
import { ghRelease } from "../support/runtime/gh.ts";
import { GITHUB_TOKEN, IDENTITY } from "../support/runtime/github.ts";
import { overlay, withText } from "../support/runtime/objects.ts";
import { type RepoPod, startRepoPod, WORKSPACE } from "../support/runtime/repo_pod.ts";
import { podRuntime } from "../support/runtime/scratch.ts";
import { exec, onPath, type Outcome, tool } from "../support/tools.ts";

const given = await tool("git in the gateway's container", async () => {
  await podRuntime(IMAGES.openclaw);
  for (const program of ["git", "node", "openssl"]) await onPath(program);
  return { objects: await overlay("kind"), gh: (await ghRelease()).program };
});
const { ignore } = given;
const start = () => startRepoPod(given.value.objects, given.value.gh);

/** A clone of the fetched bundle with a new branch, `fix`, of one commit, and its bundle. */
const CHANGE = `
  rm -rf clone; git clone --quiet --branch main inbox/boxp-arch.bundle clone
  cd clone; git checkout --quiet -b fix; echo two >>file.txt; git commit --quiet --all --message="second: 二番目"
  mkdir -p ../outbox; git bundle create --quiet ../outbox/fix.bundle origin/main..fix; git rev-parse fix`;

const FIX = ["publish", "boxp/arch", "fix", "outbox/fix.bundle"] as const;

Deno.test({
  name: "a private repository comes in, and one branch goes out, by one approval each",
  ignore,
  fn: async (t) => {
    await using pod = await start();
    const { github } = pod;

    await t.step("the sandbox clones what was fetched", async () => {
      const { code, stdout, stderr } = await pod.repo("fetch", "boxp/arch");
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^boxp\/arch is in inbox\/boxp-arch\.bundle: 2 branches, main at /);
      const { main, taken } = await github.branches("boxp/arch");
      const seen = await pod.sandbox(
        "git clone --quiet --branch main inbox/boxp-arch.bundle first; cd first; git rev-parse HEAD origin/taken",
      );
      assert.deepEqual(seen.split("\n"), [main, taken]);
      // The sandbox may read it, and not write it.
      assert.equal(await pod.sandbox("stat -c '%u %a' inbox inbox/boxp-arch.bundle"), "1000 755\n1000 644");
    });

    await t.step("a second fetch replaces the bundle, and the clone follows it", async () => {
      await github.git("boxp/arch", "update-ref", "refs/heads/new", "refs/heads/taken");
      assert.equal((await pod.repo("fetch", "boxp/arch")).code, 0);
      await pod.sandbox("cd first; git fetch --quiet; git rev-parse --verify origin/new");
      await github.git("boxp/arch", "update-ref", "-d", "refs/heads/new");
    });

    await t.step("a public repository needs no token", async () => {
      const { code, stderr } = await pod.gateway("unset GH_TOKEN; exec sh /etc/openclaw-git/repo.sh fetch boxp/open");
      assert.equal(code, 0, stderr);
    });

    await t.step("a branch is pushed and a draft pull request opened", async () => {
      const before = await github.branches("boxp/arch");
      const commit = await pod.sandbox(CHANGE);
      await github.requests();
      const { code, stdout, stderr } = await pod.repo(...FIX, "--title", "A new `title` $(id) 題");
      assert.equal(code, 0, stderr);
      assert.deepEqual(await github.branches("boxp/arch"), { ...before, fix: commit });
      assert.match(stdout, /Test: second: 二番目\n file\.txt \| 1 \+\n 1 file changed/);
      assert.match(stdout, /opened https:\/\/github\.com\/boxp\/arch\/pull\/1\n$/);
      const requests = await github.requests();
      assert.deepEqual(requests.filter(({ path }) => !path.startsWith("/boxp/arch/")).map(({ path }) => path), [
        "/repos/boxp/arch/pulls",
      ]);
      const { body: text = "", ...pull } = JSON.parse(requests.at(-1)?.body ?? "{}");
      assert.deepEqual(pull, { title: "A new `title` $(id) 題", head: "fix", base: "main", draft: true });
      assert.equal(text.trim(), "### second: 二番目");
    });

    await t.step("another commit is pushed to the same branch; nothing else changes", async () => {
      const before = await github.branches("boxp/arch");
      const commit = await pod.sandbox(`cd clone; echo three >>file.txt; git commit --quiet --all --message=third
        git branch other; git tag v1
        git bundle create --quiet ../outbox/fix.bundle origin/main..fix other v1; git rev-parse fix`);
      const { code, stdout, stderr } = await pod.repo(...FIX);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /Test: third/);
      assert.doesNotMatch(stdout, /Test: second/);
      assert.deepEqual(await github.branches("boxp/arch"), { ...before, fix: commit });
      assert.match((await pod.repo(...FIX)).stdout, /is already at/);
    });

    await t.step("a branch of someone else is continued", async () => {
      const commit = await pod.sandbox(`cd clone; git checkout --quiet -b taken origin/taken; echo 1 >more; git add more
        git commit --quiet --message=more; git bundle create --quiet ../outbox/taken.bundle origin/main..taken; git rev-parse taken`);
      const { code, stderr } = await pod.repo("publish", "boxp/arch", "taken", "outbox/taken.bundle");
      assert.equal(code, 0, stderr);
      assert.equal((await github.branches("boxp/arch")).taken, commit);
    });

    await t.step("the answers of GitHub that a pull request can get", async () => {
      const answers = async (value: unknown) => {
        await Deno.writeTextFile(join(github.path, "pulls.json"), JSON.stringify(value));
        return await pod.repo(...FIX, "--title", "title");
      };
      const refused = (message: string) => ({
        status: 422,
        value: { message: "Validation Failed", errors: [{ message }] },
      });
      const open = await answers({ true: refused("A pull request already exists for boxp:fix.") });
      assert.deepEqual([open.code, open.stdout.match(/already open/)?.[0]], [0, "already open"], open.stderr);
      const plain = await answers({
        true: refused("Draft pull requests are not supported in this repository."),
        false: { status: 201, value: { html_url: "https://github.com/boxp/arch/pull/2" } },
      });
      assert.match(plain.stdout, /opened https:\/\/github\.com\/boxp\/arch\/pull\/2/);
      assertRefused(
        await answers({ true: { status: 403, value: { message: "Resource not accessible" } } }),
        /is pushed, but .*not accessible/,
      );
      await Deno.remove(join(github.path, "pulls.json"));
    });

    await t.step("nothing is left behind", async () => assert.deepEqual(await leftOf(pod), []));
  },
});

Deno.test({
  name: "what was not approved as it is, is refused",
  ignore,
  fn: async (t) => {
    await using pod = await start();
    const { github } = pod;
    assert.equal((await pod.repo("fetch", "boxp/arch")).code, 0);
    await pod.sandbox(CHANGE);
    const before = await github.branches("boxp/arch");
    await github.requests();

    await t.step("wrong usage exits with 2 and shows the usage", async () => {
      for (
        const args of [
          [],
          ["push", "boxp/arch"],
          ["fetch"],
          ["fetch", "boxp/arch", "fix"],
          ["publish", "boxp/arch", "fix"],
          [...FIX, "--force"],
          [...FIX, "--title"],
          [...FIX, "--title", "a", "b"],
          [...FIX, "--question", "a"],
          ["review"],
          ["review-local", "main", "fix"],
        ]
      ) {
        const { code, stderr } = await pod.repo(...args);
        assert.equal(code, 2, args.join(" "));
        assert.match(stderr, /^usage: repo\.sh fetch OWNER\/REPO\n/);
      }
    });

    await t.step("names that are not plain", async () => {
      const repositories = [
        ...[
          "",
          "boxp",
          "boxp/",
          "/arch",
          "boxp/arch/x",
          "../arch",
          "boxp/..",
          "boxp/.",
          "-o/arch",
          "boxp/-o",
          "boxp/arch.git",
        ],
        ...[
          "boxp/arch.wiki",
          "https://github.com/boxp/arch",
          "boxp/a b",
          "boxp/arch\n",
          "boxp/arch?x",
          "boxp@x/arch",
          "boxp/é",
        ],
      ];
      for (const name of repositories) {
        assertRefused(await pod.repo("fetch", name), /is not OWNER\/REPO/);
        assertRefused(await pod.repo("publish", name, "fix", "outbox/fix.bundle"), /is not OWNER\/REPO/);
      }
      const branches = [
        ...[
          "",
          "--upload-pack=touch /tmp/x",
          "-f",
          "HEAD",
          "refs/heads/main",
          "a..b",
          "a b",
          "@{u}",
          "@",
          "fix.lock",
          "fix:main",
        ],
        ...["+fix", "fix/", "/fix", "fix^", "fix~1", "fix\n", ".fix", "a//b", "$(id)", "枝"],
      ];
      for (const name of branches) {
        assertRefused(await pod.repo("publish", "boxp/arch", name, "outbox/fix.bundle"), /is not a plain branch name/);
      }
      const paths = ["/etc/passwd", `${WORKSPACE}/outbox/fix.bundle`, "-x", "outbox/a b", "outbox/", "~/x", "a\nb"];
      for (const path of paths) {
        assertRefused(await pod.repo("publish", "boxp/arch", "fix", path), /is not a path in the workspace/);
      }
      for (const title of ["", "a\nb", "\u001b[2J", "a".repeat(251)]) {
        assertRefused(await pod.repo(...FIX, "--title", title), /the title must be one line/);
      }
      assert.deepEqual(await github.requests(), [], "refused without a question to GitHub");
    });

    await t.step("the default branch, main and master", async () => {
      await pod.sandbox(`cd clone; for branch in main master; do git branch --force $branch fix
        git bundle create --quiet ../outbox/$branch.bundle origin/main..$branch; done`);
      for (const branch of ["main", "master"]) {
        const path = `outbox/${branch}.bundle`;
        assertRefused(await pod.repo("publish", "boxp/arch", branch, path), /is never pushed/);
      }
      await pod.sandbox(
        "cd clone; git branch trunk fix; git bundle create --quiet ../outbox/trunk.bundle origin/main..trunk",
      );
      const trunk = await pod.repo("publish", "boxp/trunk", "trunk", "outbox/trunk.bundle");
      assertRefused(trunk, /trunk is the default branch of boxp\/trunk/);
    });

    await t.step("a branch that is not a fast-forward, and one without a common commit", async () => {
      await pod.sandbox(`cd clone; git checkout --quiet -b taken origin/main; echo 1 >>file.txt
        git commit --quiet --all --message=diverged; git bundle create --quiet ../outbox/taken.bundle origin/main..taken
        git checkout --quiet --orphan alone; git commit --quiet --message=alone; git bundle create --quiet ../outbox/alone.bundle alone`);
      assertRefused(
        await pod.repo("publish", "boxp/arch", "taken", "outbox/taken.bundle"),
        /taken is not a fast-forward/,
      );
      assertRefused(
        await pod.repo("publish", "boxp/arch", "alone", "outbox/alone.bundle"),
        /no commit in common with main/,
      );
    });

    await t.step("a branch that someone else creates between the check and the push", async () => {
      const path = join(github.path, "before-push");
      await Deno.writeTextFile(path, "git -C boxp/arch update-ref refs/heads/fix refs/heads/taken\n");
      assertRefused(await pod.repo(...FIX), /cannot push: .*rejected/);
      await Deno.remove(path);
      assert.equal((await github.branches("boxp/arch")).fix, before.taken);
      await github.git("boxp/arch", "update-ref", "-d", "refs/heads/fix");
    });

    await t.step("another repository than the approved one", async () => {
      assertRefused(await pod.repo("fetch", "boxp/moved"), /cannot read boxp\/moved: .*301/);
      assertRefused(
        await pod.repo("publish", "boxp/moved", "fix", "outbox/fix.bundle"),
        /cannot read boxp\/moved: .*301/,
      );
      assertRefused(await pod.repo("fetch", "boxp/none"), /cannot read boxp\/none: .*not found/);
      assertRefused(await pod.repo("fetch", "boxp/empty"), /boxp\/empty has no commits/);
    });

    for (const [name, { make, path = "outbox/hostile.bundle", branch = "fix", expected }] of Object.entries(HOSTILE)) {
      await t.step(`hostile: ${name}`, async () => {
        await pod.sandbox(`rm -rf outbox/hostile*; ${make}`);
        const started = performance.now();
        const outcome = await pod.repo("publish", "boxp/arch", branch, path);
        assertRefused(outcome, expected);
        assert.ok(performance.now() - started < 30_000, "it took too long");
        assert.doesNotMatch(outcome.stdout + outcome.stderr, /plainly-fake|LITELLM|PATH=/);
      });
    }

    await t.step("a hostile inbox", async () => {
      // As if the sandbox could replace what the gateway has created.
      await Deno.chmod(pod.workspace, 0o777);
      for (
        const [make, expected] of [
          ["mv inbox kept; ln -s /home/node/.openclaw-pack inbox", /inbox leaves the workspace/],
          ["rm inbox; mkdir elsewhere; ln -s elsewhere inbox", /inbox is a link/],
          ["rm inbox; echo >inbox", /the workspace has no folder inbox/],
          ["rm inbox; mkdir inbox", /cannot write inbox\/boxp-arch\.bundle/],
          ["chmod 777 inbox; mkdir inbox/boxp-arch.bundle", /cannot write inbox\/boxp-arch\.bundle/],
        ] as const
      ) {
        await pod.sandbox(make);
        assertRefused(await pod.repo("fetch", "boxp/arch"), expected);
      }
      await pod.sandbox("rmdir inbox/boxp-arch.bundle; ln -s /home/node/precious inbox/boxp-arch.bundle");
      await pod.gateway("echo kept >/home/node/precious");
      assert.equal((await pod.repo("fetch", "boxp/arch")).code, 0);
      assert.equal((await pod.gateway("cat /home/node/precious")).stdout, "kept\n");
      assert.equal(await pod.sandbox("test ! -L inbox/boxp-arch.bundle; ls -A inbox"), "boxp-arch.bundle");
      await Deno.chmod(pod.workspace, 0o1777);
    });

    await t.step("GitHub is as it was, and nothing is left behind", async () => {
      assert.deepEqual(await github.branches("boxp/arch"), before);
      assert.deepEqual(await leftOf(pod), []);
    });
  },
});

interface Hostile {
  /** What the sandbox does. */
  readonly make: string;
  readonly path?: string;
  readonly branch?: string;
  readonly expected: RegExp;
}

/** Makes a commit of a tree on the branch fix of a new repository, and its bundle. */
const bundled = (tree: string) => `
  rm -rf made; git clone --quiet --branch main inbox/boxp-arch.bundle made; cd made
  ${tree}
  git update-ref refs/heads/fix "$(git commit-tree -p HEAD -m x "$tree")"
  git bundle create --quiet ../outbox/hostile.bundle origin/main..fix`;

const HOSTILE: Readonly<Record<string, Hostile>> = {
  "a truncated bundle": {
    make: "head -c -30 outbox/fix.bundle >outbox/hostile.bundle",
    expected: /outbox\/hostile\.bundle is damaged/,
  },
  "a bundle with changed bytes": {
    make: "{ head -c -60 outbox/fix.bundle; head -c 60 /dev/zero; } >outbox/hostile.bundle",
    expected: /outbox\/hostile\.bundle is damaged/,
  },
  "a text file": { make: "echo hello >outbox/hostile.bundle", expected: /is not a bundle of git/ },
  "an empty file": { make: ": >outbox/hostile.bundle", expected: /is not a bundle of git/ },
  "a bundle without the files": {
    make: "cd clone; git bundle create --quiet --version=3 ../outbox/hostile.bundle --filter=blob:none fix",
    expected: /is not a bundle of git/,
  },
  "a huge file": { make: "truncate --size=2T outbox/hostile.bundle", expected: /is larger than 512 MiB/ },
  "a header without an end": {
    make:
      `{ echo "# v2 git bundle"; yes "$(git -C clone rev-parse fix) refs/heads/x" | head -c 100M; } >outbox/hostile.bundle`,
    expected: /has too many branches/,
  },
  "a pipe": { make: "mkfifo outbox/hostile.bundle", expected: /is not a file in the workspace/ },
  "a link to the environment": {
    make: "ln -s /proc/self/environ outbox/hostile.bundle",
    expected: /is not a file in the workspace/,
  },
  "a link to a bundle": { make: "ln -s fix.bundle outbox/hostile.bundle", expected: /is not a file in the workspace/ },
  "a folder": { make: "mkdir outbox/hostile.bundle", expected: /is not a file in the workspace/ },
  "a folder that is a link": {
    make: "ln -s /proc/self outbox/hostile",
    path: "outbox/hostile/environ",
    expected: /outbox\/hostile leaves the workspace/,
  },
  "a path that leaves the workspace": {
    make: ":",
    path: "../../home/node/bin/gh",
    expected: /home\/node\/bin leaves the workspace/,
  },
  "a file that the gateway cannot read": {
    make: "cp outbox/fix.bundle outbox/hostile.bundle; chmod 600 outbox/hostile.bundle",
    expected: /cannot read outbox\/hostile\.bundle/,
  },
  "no file": { make: ":", expected: /is not a file in the workspace/ },
  "commits on an unknown commit": {
    make: `rm -rf made; git clone --quiet --branch main inbox/boxp-arch.bundle made; cd made
      git commit --quiet --allow-empty --message=unknown; git checkout --quiet -b fix
      git commit --quiet --allow-empty --message=x; git bundle create --quiet ../outbox/hostile.bundle main..fix`,
    expected: /needs commits that are not there/,
  },
  "another branch": {
    make: "cp outbox/fix.bundle outbox/hostile.bundle",
    branch: "other",
    expected: /has no branch other/,
  },
  "a branch that looks like an option": {
    make: "LC_ALL=C sed 's,refs/heads/fix$,refs/heads/--upload-pack=touch,' outbox/fix.bundle >outbox/hostile.bundle",
    expected: /has no branch fix/,
  },
  "a branch twice": {
    make:
      `LC_ALL=C sed "s,^[0-9a-f]* refs/heads/fix$,&\\n$(git -C clone rev-parse main) refs/heads/fix," outbox/fix.bundle >outbox/hostile.bundle`,
    expected: /has the branch fix more than once/,
  },
  "a branch whose commit is missing": {
    make:
      `LC_ALL=C sed "s,^[0-9a-f]* refs/heads/fix$,$(printf 1%.0s $(seq 40)) refs/heads/fix," outbox/fix.bundle >outbox/hostile.bundle`,
    expected: /is damaged/,
  },
  "a folder .git in the tree": {
    make: bundled(
      `sub=$(git rev-parse HEAD^{tree}); tree=$({ printf '40000 .git\\0'; perl -e 'print pack("H*", shift)' "$sub"; } | git hash-object -w -t tree --stdin --literally)`,
    ),
    expected: /has an object that git refuses: .*hasDotgit/,
  },
  "a submodule whose address is an option": {
    make: bundled(
      `printf '[submodule "x"]\\n\\tpath = x\\n\\turl = --upload-pack=touch\\n' | git hash-object -w --stdin >../sha
       tree=$(printf '100644 blob %s\\t.gitmodules\\n' "$(cat ../sha)" | git mktree)`,
    ),
    expected: /has an object that git refuses: .*gitmodulesUrl/,
  },
  "a file that takes all memory": {
    make:
      `rm -rf made; git clone --quiet --branch main inbox/boxp-arch.bundle made; cd made; git checkout --quiet -b fix
      git config core.bigFileThreshold 4g; head -c 300M /dev/zero >big; git add big; git commit --quiet -m a
      echo x >>big; git commit --quiet -a -m b; git bundle create --quiet ../outbox/hostile.bundle origin/main..fix`,
    expected: /Out of memory/,
  },
  "a tree of a hundred million files": {
    make: bundled(
      `tree=$(git rev-parse HEAD^{tree}); for level in 1 2 3 4 5 6 7 8; do
         tree=$(for entry in 0 1 2 3 4 5 6 7 8 9; do printf '040000 tree %s\\t%s\\n' "$tree" "$entry"; done | git mktree); done`,
    ),
    expected: /fix has more than 100000 files/,
  },
  "files that only look small": {
    make: bundled(
      `blob=$(head -c 60M /dev/zero | git hash-object -w --stdin)
       tree=$(for entry in $(seq 10 30); do printf '100644 blob %s\\t%s\\n' "$blob" "$entry"; done | git mktree)`,
    ),
    expected: /the files of fix have more than 1024 MiB/,
  },
};

Deno.test({
  name: "the token is in no argument, file or output",
  ignore,
  fn: async () => {
    await using pod = await start();
    await Deno.writeTextFile(join(pod.github.path, "delay"), "300");
    assert.deepEqual(await sightings(pod, () => pod.repo("fetch", "boxp/arch")), []);
    await pod.sandbox(CHANGE);
    assert.deepEqual(await sightings(pod, () => pod.repo(...FIX, "--title", "title")), []);
    assert.equal((await pod.github.branches("boxp/arch")).fix?.length, 40);
    // Control: what the search finds.
    const header = `git -c http.extraHeader="Authorization: $GH_TOKEN" ls-remote https://github.com/boxp/arch`;
    assert.deepEqual(await sightings(pod, () => pod.gateway(header)), ["an argument"]);
    const file =
      `echo "$GH_TOKEN" >~/.openclaw-pack/repo/token; sleep 1; rm ~/.openclaw-pack/repo/token; echo "$GH_TOKEN"`;
    assert.deepEqual(await sightings(pod, () => pod.gateway(file)), ["a file", "the output"]);
  },
});

Deno.test({
  name: "a call that is stopped or takes too long leaves nothing behind",
  ignore,
  fn: async () => {
    await using pod = await startRepoPod(
      withText(given.value.objects, "repo.sh", "DEADLINE=1500", "DEADLINE=4"),
      given.value.gh,
    );
    assert.equal((await pod.repo("fetch", "boxp/open")).code, 0);
    await Deno.writeTextFile(join(pod.github.path, "delay"), "60000");
    const late = await pod.repo("fetch", "boxp/arch");
    assert.equal(late.code, 124);
    assert.match(late.stderr, /^repo\.sh: stopped before it was done\n$/m);
    const stopped = await pod.gateway(
      "sh /etc/openclaw-git/repo.sh fetch boxp/arch & sleep 1; ls -A ~/.openclaw-pack/repo | wc -l; kill $!; wait $!; echo $?",
    );
    assert.equal(stopped.stdout, "1\n124\n");
    assert.deepEqual(await leftOf(pod), []);
    // What a killed call leaves is removed by a later one.
    await pod.gateway(
      "mkdir ~/.openclaw-pack/repo/old ~/.openclaw-pack/repo/new; touch -d '2 hours ago' ~/.openclaw-pack/repo/old",
    );
    await Deno.remove(join(pod.github.path, "delay"));
    assert.equal((await pod.repo("fetch", "boxp/open")).code, 0);
    assert.deepEqual(await leftOf(pod), ["new"]);
  },
});

/** What the sandbox can plant in a repository, and the command that runs it. */
interface Plant {
  readonly plant: string;
  readonly trigger: string;
  /** Whether git's settings in the gateway's environment are enough without the protection by the owner. */
  readonly environment: boolean;
}

const hook = (name: string) => `mkdir -p .git/hooks; cp $EVIL .git/hooks/${name}`;
// The file keeps its size, so that git has to read it.
const attribute = (kind: string) => `echo "* ${kind}=evil" >.git/info/attributes; echo two >file.txt`;

const PLANTS: Readonly<Record<string, Plant>> = {
  "core.fsmonitor": { plant: "git config core.fsmonitor $EVIL", trigger: "git status", environment: true },
  "a hook post-checkout": { plant: hook("post-checkout"), trigger: "git checkout -b new", environment: true },
  "a hook reference-transaction": {
    plant: hook("reference-transaction"),
    trigger: "git update-ref refs/heads/new HEAD",
    environment: true,
  },
  "a hook pre-push": {
    plant: `${hook("pre-push")}; git init --quiet --bare other; git remote set-url origin "$PWD/other"`,
    trigger: "git push origin main",
    environment: true,
  },
  "core.hooksPath": {
    plant: `mkdir hooks; cp $EVIL hooks/post-checkout; git config core.hooksPath hooks`,
    trigger: "git checkout -b new",
    environment: true,
  },
  "core.sshCommand": {
    plant: "git config core.sshCommand $EVIL",
    trigger: "git ls-remote ssh://localhost/x",
    environment: true,
  },
  "core.askPass": {
    plant: "git config core.askPass $EVIL",
    trigger: "git ls-remote https://github.com/boxp/arch",
    environment: true,
  },
  "credential.helper": {
    plant: "git config credential.helper $EVIL",
    trigger: "git ls-remote https://github.com/boxp/arch",
    environment: true,
  },
  "a credential helper for one host": {
    plant: "git config credential.https://github.com.helper $EVIL",
    trigger: "git ls-remote https://github.com/boxp/arch",
    environment: true,
  },
  "core.editor": { plant: "git config core.editor $EVIL", trigger: "git commit --amend", environment: true },
  "diff.external": {
    plant: "git config diff.external $EVIL; echo changed >>file.txt",
    trigger: "git diff",
    environment: true,
  },
  "gpg.program": {
    plant: "git config gpg.program $EVIL; git config commit.gpgSign true",
    trigger: "git commit --allow-empty -m x",
    environment: true,
  },
  "gpg.ssh.program": {
    plant: "git config gpg.format ssh; git config user.signingKey /tmp/x; git config gpg.ssh.program $EVIL",
    trigger: "git commit -S --allow-empty -m x",
    environment: true,
  },
  "core.alternateRefsCommand": {
    plant:
      `git clone --quiet --bare . other; echo $PWD/other/objects >.git/objects/info/alternates; git config core.alternateRefsCommand $EVIL`,
    trigger: "git fetch https://github.com/boxp/open main",
    environment: true,
  },
  "a remote that runs a command": {
    plant: `git config remote.origin.url "ext::$EVIL"; git config protocol.ext.allow always`,
    trigger: "git fetch origin",
    environment: true,
  },
  "a remote for missing objects": {
    plant:
      `git config remote.p.url "ext::$EVIL"; git config remote.p.promisor true; git config core.repositoryFormatVersion 1
      git config extensions.partialClone p; git config protocol.ext.allow always`,
    trigger: "git cat-file -p 1111111111111111111111111111111111111111",
    environment: true,
  },
  "a bare repository in a folder": {
    plant:
      `git init --quiet --bare docs; git -C docs config core.bare false; git -C docs config core.worktree .; git -C docs config core.pager $EVIL
      git -C docs config alias.st "!$EVIL"`,
    trigger: "git -C docs st",
    environment: true,
  },
  "a filter": {
    plant: `git config filter.evil.clean $EVIL; ${attribute("filter")}`,
    trigger: "git status",
    environment: false,
  },
  "textconv": {
    plant: `git config diff.evil.textconv $EVIL; ${attribute("diff")}`,
    trigger: "git log -p",
    environment: false,
  },
  "a merge driver": {
    plant:
      `git config merge.evil.driver $EVIL; echo "* merge=evil" >.git/info/attributes; git checkout --quiet -b side; echo a >file.txt
      git commit --quiet -am a; git checkout --quiet main; echo b >file.txt; git commit --quiet -am b`,
    trigger: "git merge side",
    environment: false,
  },
  "an alias": { plant: `git config alias.st "!$EVIL"`, trigger: "git st", environment: false },
  "an included file": {
    plant:
      `printf '[filter "evil"]\\n\\tclean = %s\\n' "$EVIL" >included; git config includeIf.gitdir:/.path "$PWD/included"; ${
        attribute("filter")
      }`,
    trigger: "git status",
    environment: false,
  },
  "a submodule": {
    plant:
      `git init --quiet sub; (cd sub; echo one >file.txt; git add file.txt; git commit --quiet -m sub; git config filter.evil.clean $EVIL; ${
        attribute("filter")
      })
      git add sub 2>/dev/null; git commit --quiet -m sub`,
    trigger: "git status",
    environment: false,
  },
};

Deno.test({
  name: "a program that the sandbox plants in a repository does not run outside the sandbox",
  ignore,
  fn: async (t) => {
    await using pod = await start();
    assert.equal((await pod.repo("fetch", "boxp/arch")).code, 0);
    await pod.sandbox(`printf '#!/bin/sh\\necho ran >>/tmp/proof\\nexit 1\\n' >evil; chmod 755 evil`);
    const prepare = async (plant: string) => {
      await pod.sandbox(`rm -rf planted; git clone --quiet --branch main inbox/boxp-arch.bundle planted; cd planted
        export EVIL=${WORKSPACE}/evil; ${plant}`);
      await ranThere(pod);
    };

    for (const [name, { plant, trigger, environment }] of Object.entries(PLANTS)) {
      await t.step(name, async () => {
        await prepare(plant);
        await pod.trySandbox(`cd planted; ${trigger}`);
        assert.equal(await ranThere(pod), true, "control: it runs for the repository's owner");

        await prepare(plant);
        const script = `cd ${WORKSPACE}/planted && ${trigger}`;
        await pod.gateway(script, { user: { uid: 1001, gid: 1000 }, env: { HOME: "/tmp/sandbox", ...IDENTITY } });
        assert.equal(await ranThere(pod), !environment, "with the environment alone");

        await prepare(plant);
        assert.notEqual((await pod.gateway(script)).code, 0);
        assert.equal(await ranThere(pod), false, "as the gateway");
        const { stderr } = await pod.gateway(`git -C ${WORKSPACE}/planted status`);
        assert.match(stderr, /^fatal: detected dubious ownership/);
      });
    }

    await t.step("nor by way of a bundle", async () => {
      await prepare(`git checkout --quiet -b fix; printf '* filter=evil diff=evil merge=evil\\n' >.gitattributes
        printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = ./evil\\n' >.gitmodules; git add .
        git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),sub"; git commit --quiet -m planted
        mkdir -p ../outbox; git bundle create --quiet ../outbox/fix.bundle origin/main..fix
        git config core.fsmonitor $EVIL; git config filter.evil.clean $EVIL; git config filter.evil.smudge $EVIL
        git config diff.evil.textconv $EVIL; git config core.hooksPath hooks; mkdir hooks
        for hook in pre-push reference-transaction post-checkout post-index-change; do cp $EVIL hooks/$hook; done`);
      const { code, stderr } = await pod.repo(...FIX);
      assert.equal(code, 0, stderr);
      assert.equal(await ranThere(pod), false);
      await pod.trySandbox("cd planted; touch file.txt; git status");
      assert.equal(await ranThere(pod), true, "control");
    });

    await t.step("git works in a repository of the gateway itself", async () => {
      const { code, stderr } = await pod.gateway(
        `set -e; cd /home/node; git clone --quiet https://github.com/boxp/open mine; cd mine
        git config user.name x; git config user.email x@example.com; git commit --quiet --allow-empty -m x; git status; git log -p`,
      );
      assert.equal(code, 0, stderr);
    });
  },
});

/** Returns whether a planted program has run since the last call. */
async function ranThere(pod: RepoPod): Promise<boolean> {
  const { stdout } = await pod.gateway("cat /tmp/proof 2>/dev/null; rm -f /tmp/proof");
  return stdout !== "";
}

/** Asserts that a call ended with 1 and one line. */
function assertRefused({ code, stderr }: Outcome, expected: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^repo\.sh: .*\n$/);
  assert.match(stderr, expected);
}

/** Returns the names of what calls have left. */
async function leftOf({ volume }: RepoPod): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(join(volume, ".openclaw-pack/repo")))).map(({ name }) => name);
}

/** Returns where the token is seen while a command runs. */
async function sightings({ volume, workspace }: RepoPod, run: () => Promise<Outcome>): Promise<string[]> {
  const seen = new Set<string>();
  let over = false;
  const look = async () => {
    while (!over) {
      for await (const { name } of Deno.readDir("/proc")) {
        const line = /^\d+$/.test(name) ? await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "") : "";
        if (line.includes(GITHUB_TOKEN)) seen.add("an argument");
      }
      const places = [join(volume, ".openclaw-pack/repo"), workspace];
      const { stdout } = await exec("grep", [
        "-rlsF",
        "--devices=skip",
        "-f",
        join(volume, "../github/token"),
        ...places,
      ]);
      if (stdout !== "") seen.add("a file");
    }
  };
  const looking = look();
  const { stdout, stderr } = await run();
  over = true;
  await looking;
  if ((stdout + stderr).includes(GITHUB_TOKEN)) seen.add("the output");
  return [...seen].toSorted();
}
