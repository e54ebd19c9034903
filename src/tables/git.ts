/**
 * Git's settings in the gateway's container. A repository in the workspace is written by the sandbox, and its settings name
 * programs that git runs. Settings from the environment override those of a repository.
 *
 * Some cannot be overridden, because their names are free or lead to other files: filters, drivers for diffs and merges, includes,
 * aliases. Git reads none of them from a repository that belongs to another user, unless `safe.directory` names it, so nothing
 * here does.
 *
 * @module
 */

/** A setting that overrides a repository's. */
interface GitSetting {
  readonly key: string;
  readonly value: string;
  /** What a repository could do with this setting. */
  readonly why: string;
}

/** The settings, in the order of their numbers in the environment. `false` is the program of this name, which does nothing. */
export const GIT_SETTINGS = [
  { key: "core.fsmonitor", value: "false", why: "is run by git status and others" },
  { key: "core.hooksPath", value: "/dev/null", why: "hooks are run by commit, checkout, push and others" },
  { key: "core.sshCommand", value: "false", why: "is run for a remote" },
  { key: "core.alternateRefsCommand", value: "false", why: "is run by fetch and push" },
  { key: "credential.helper", value: "", why: "is run for a password; an empty value clears the list" },
  { key: "diff.external", value: "false", why: "is run by git diff, which here needs --no-ext-diff" },
  { key: "commit.gpgSign", value: "false", why: "runs a program for each commit" },
  { key: "log.showSignature", value: "false", why: "runs a program for each commit that git log shows" },
  { key: "gpg.program", value: "false", why: "is run for signatures" },
  { key: "gpg.openpgp.program", value: "false", why: "is run for signatures" },
  { key: "gpg.x509.program", value: "false", why: "is run for signatures" },
  { key: "gpg.ssh.program", value: "false", why: "is run for signatures" },
  { key: "gpg.ssh.defaultKeyCommand", value: "false", why: "is run for signatures" },
  {
    key: "submodule.recurse",
    value: "false",
    why: "takes the settings of a repository inside the repository into account",
  },
  { key: "safe.bareRepository", value: "explicit", why: "a folder of a tree can be a bare repository with settings" },
] as const satisfies readonly GitSetting[];

/** Variables that have no counterpart among the settings, or count more than it. */
const VARIABLES = {
  // Only the settings above.
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  // `ext` runs a command, `file` and `ssh` run programs that a remote names. It overrides `protocol.*.allow`.
  GIT_ALLOW_PROTOCOL: "https",
  // A remote with missing objects is asked for them by any command.
  GIT_NO_LAZY_FETCH: "1",
  // Nobody can answer. Empty, it overrides `core.askPass`.
  GIT_ASKPASS: "",
  GIT_TERMINAL_PROMPT: "0",
  GIT_PAGER: "cat",
  GIT_EDITOR: "false",
  GIT_SEQUENCE_EDITOR: "false",
} as const;

/** Name of a variable for git. */
export type GitVariable =
  | keyof typeof VARIABLES
  | "GIT_CONFIG_COUNT"
  | `GIT_CONFIG_KEY_${number}`
  | `GIT_CONFIG_VALUE_${number}`;

/** The environment variables for git in the gateway's container. */
export const GIT_ENV = Object.fromEntries<string>([
  ...Object.entries(VARIABLES),
  ["GIT_CONFIG_COUNT", String(GIT_SETTINGS.length)],
  ...GIT_SETTINGS.flatMap(({ key, value }, index) => [
    [`GIT_CONFIG_KEY_${index}`, key] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ]),
]) as Readonly<Record<GitVariable, string>>;
