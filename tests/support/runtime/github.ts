/**
 * A stub of GitHub: git's own server over HTTPS, with private repositories, and an API that opens pull requests.
 *
 * @module
 */

import { join } from "node:path";
import { runOrThrow } from "../tools.ts";
import { certificateFor } from "./certificate.ts";

/** The token that the stub accepts. */
export const GITHUB_TOKEN = "plainly-fake-token-of-a-test";
/** The names that the stub answers to. */
export const GITHUB_HOSTS = ["github.com", "api.github.com"] as const;
/** The program that runs it, with the folder and an address as arguments. */
export const GITHUB_STUB = join(Deno.cwd(), "tests/support/runtime/github_stub.mjs");

/** A request that the stub received. */
export interface GithubRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly authorization?: string;
  /** Of a request to the API. */
  readonly body?: string;
}

/** The folder of a stub. */
export interface GithubFolder {
  readonly path: string;
  /** The authority that signed its certificate, in PEM. */
  readonly ca: string;
  /** Runs git in one of its repositories. */
  git(repository: string, ...args: string[]): Promise<string>;
  /** Returns the branches of a repository with their commits. */
  branches(repository: string): Promise<Record<string, string>>;
  /** Returns the requests since the last call. */
  requests(): Promise<GithubRequest[]>;
}

/**
 * Fills a folder for the stub: `boxp/arch` is private and has the branches `main` and `taken` with one commit each, `boxp/open` is
 * public and otherwise the same, the default branch of `boxp/trunk` is `trunk`, and `boxp/empty` has no commit.
 */
export async function githubFolder(path: string): Promise<GithubFolder> {
  const { ca, cert, key } = await certificateFor(...GITHUB_HOSTS);
  const write = (name: string, text: string) => Deno.writeTextFile(join(path, name), text);
  const log = join(path, "log.jsonl");
  for (const folder of ["repos/boxp", "seed"]) await Deno.mkdir(join(path, folder), { recursive: true });
  await write("token", GITHUB_TOKEN);
  await write("cert.pem", cert);
  await write("key.pem", key);
  await write("log.jsonl", "");
  const run = (folder: string, ...args: string[]) =>
    runOrThrow("git", ["-C", folder, ...args], { env: IDENTITY }).then(({ stdout }) => stdout.trim());
  const git = (repository: string, ...args: string[]) => run(join(path, "repos", repository), ...args);
  const seed = join(path, "seed");
  await run(seed, "init", "--quiet", "--initial-branch=main");
  await write("seed/file.txt", "one\n");
  await run(seed, "add", "file.txt");
  await run(seed, "commit", "--quiet", "--message=first");
  await run(seed, "checkout", "--quiet", "-b", "taken");
  await write("seed/taken.txt", "taken\n");
  await run(seed, "add", "taken.txt");
  await run(seed, "commit", "--quiet", "--message=taken");
  for (const [name, first] of [["arch", "main"], ["open", "main"], ["trunk", "trunk"], ["empty", "main"]] as const) {
    const bare = join(path, "repos/boxp", name);
    await run(path, "init", "--quiet", "--bare", `--initial-branch=${first}`, bare);
    if (name !== "empty") await run(seed, "push", "--quiet", bare, `main:${first}`, "taken");
  }
  await write("repos/boxp/open/public", "");
  return {
    path,
    ca,
    git,
    branches: async (repository) => {
      const lines = await git(repository, "for-each-ref", "--format=%(refname) %(objectname)");
      return Object.fromEntries(lines.split("\n").map((line) => line.replace("refs/heads/", "").split(" ")));
    },
    requests: async () => {
      const lines = (await Deno.readTextFile(log)).split("\n").filter((line) => line !== "");
      await write("log.jsonl", "");
      return lines.map((line) => JSON.parse(line));
    },
  };
}

/** Who commits in the tests. */
export const IDENTITY = {
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.com",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.com",
} as const;

/** Starts the stub on an address of this machine, and waits until it listens. */
export async function startGithub({ path }: GithubFolder, address: string): Promise<AsyncDisposable> {
  const child = new Deno.Command("node", { args: [GITHUB_STUB, path, address], stdin: "null", stdout: "piped" })
    .spawn();
  const reader = child.stdout.getReader();
  if ((await reader.read()).done) throw new Error("the stub of GitHub did not start");
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
